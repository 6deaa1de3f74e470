import { filesRoutes } from "./routes/files.ts";
import { infoRoutes } from "./routes/info.ts";
import { jobsRoutes } from "./routes/jobs.ts";
import { promptRoutes } from "./routes/prompt.ts";
import type { Route } from "./routes/route.ts";
import { empty, type Reply } from "./reply.ts";
import type { Request } from "./request.ts";
import type { Host } from "./routes/route.ts";

const routes: readonly Route[] = [...promptRoutes, ...jobsRoutes, ...filesRoutes, ...infoRoutes];

/** Answers a request by the first route that fits. HEAD is GET without its body. */
export async function route(request: Omit<Request, "parameters">, host: Host): Promise<Reply> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  const fitting = routes.filter(({ path }) => path.test(request.path));
  const found = fitting.find((candidate) => candidate.method === method);
  if (found === undefined) return empty(fitting.length > 0 ? 405 : 404);
  const parameters = found.path.exec(request.path)?.slice(1) ?? [];
  return found.answer({ ...request, parameters }, host);
}
