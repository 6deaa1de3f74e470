/** Straight-alpha sRGB pixels, row by row from the top left, four bytes each. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}
