/** A picture or a wish that cannot become a sprite. Its code is one of the protocol's error codes. */
export class SpriteError extends Error {
  readonly code: "invalid_image" | "invalid_request";
  readonly remedy: string;

  constructor(code: "invalid_image" | "invalid_request", message: string, remedy: string) {
    super(message);
    this.name = "SpriteError";
    this.code = code;
    this.remedy = remedy;
  }
}
