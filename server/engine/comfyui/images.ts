import { setTimeout as delay } from "node:timers/promises";
import { PixelsError } from "../../protocol/errors.ts";
import type { ComfyApi } from "./api.ts";
import { type ImageMediaType, wholeImageType } from "./image-check.ts";
import type { ImageRef } from "./schemas.ts";

/** A finished picture of the engine, checked to be whole. */
export interface EngineImage {
  /** The node that made it. */
  readonly node: string;
  readonly filename: string;
  readonly mediaType: ImageMediaType;
  readonly bytes: Uint8Array;
}

const attempts = 3;

/**
 * Fetches one picture and checks that it arrived whole, a few times. Throws `invalid_image` when it never does,
 * `engine_lost` when the server has no such file, `engine_unavailable` when it does not answer.
 */
export async function fetchImage(
  api: ComfyApi,
  node: string,
  image: ImageRef,
  retryMs: number,
  signal?: AbortSignal,
): Promise<EngineImage> {
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await delay(retryMs * 2 ** attempt, undefined, { ...(signal && { signal }) });
    try {
      return await fetchOnce(api, node, image, signal);
    } catch (error) {
      signal?.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

async function fetchOnce(
  api: ComfyApi,
  node: string,
  image: ImageRef,
  signal: AbortSignal | undefined,
): Promise<EngineImage> {
  const answer = await api.view(image, signal);
  if (answer.status === 404) {
    throw new PixelsError({
      code: "engine_lost",
      message: `The engine no longer has its picture ${image.filename}`,
      cause: "It was moved or deleted after it was made.",
      remedy: "Retry the job: it is made anew.",
    });
  }
  if (answer.status !== 200) throw damaged(image, `the server answered with status ${answer.status}`);
  if (answer.promised !== null && answer.promised > answer.body.byteLength) {
    throw damaged(image, `${answer.body.byteLength} of ${answer.promised} bytes arrived`);
  }
  const mediaType = wholeImageType(answer.body);
  if (mediaType === null) {
    throw damaged(image, `what arrived (${answer.mediaType || "no content type"}) is not a whole picture`);
  }
  return { node, filename: image.filename, mediaType, bytes: answer.body };
}

function damaged(image: ImageRef, cause: string): PixelsError {
  return new PixelsError({
    code: "invalid_image",
    message: `The picture ${image.filename} did not arrive whole from the engine`,
    cause,
    remedy: "Retry the job. If it happens again, look at ComfyUI's log and its disk.",
  });
}
