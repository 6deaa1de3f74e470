/** Runs of a property: few in `npm test`, many where all rounds are asked for. */
export const numRuns = process.env["DGX_PIXELS_ROUNDS"] === "full" ? 20_000 : 300;
