/** Oversampling of the spectrum, so that no peak falls between two frequencies. */
const oversampling = 4;
/** Harmonics that sharpen a frequency, and their weights: blur removes the higher ones first. */
const harmonics = [1, 0.6, 0.3];

/** One term of the Fourier transform of a profile at `frequency` cycles a pixel. */
function fourier(profile: Float64Array, frequency: number): { re: number; im: number } {
  // A rotating phasor instead of a sine and a cosine a sample.
  const [stepRe, stepIm] = [Math.cos(2 * Math.PI * frequency), -Math.sin(2 * Math.PI * frequency)];
  let [re, im, phasorRe, phasorIm] = [0, 0, 1, 0];
  for (let at = 0; at < profile.length; at++) {
    const value = profile[at]!;
    re += value * phasorRe;
    im += value * phasorIm;
    const turned = phasorRe * stepRe - phasorIm * stepIm;
    phasorIm = phasorRe * stepIm + phasorIm * stepRe;
    phasorRe = turned;
  }
  return { re, im };
}

/** The profile without its slow part, so that the shape of the sprite does not pass for a grid. Sums to about 1 in absolute value. */
export function whiten(profile: Float64Array, window: number): Float64Array {
  const radius = Math.max(1, Math.round(window / 2));
  const flat = new Float64Array(profile.length);
  const sums = new Float64Array(profile.length + 1);
  for (let at = 0; at < profile.length; at++) sums[at + 1] = sums[at]! + profile[at]!;
  let total = 0;
  for (let at = 0; at < profile.length; at++) {
    const [from, to] = [Math.max(0, at - radius), Math.min(profile.length, at + radius + 1)];
    flat[at] = profile[at]! - (sums[to]! - sums[from]!) / (to - from);
    total += Math.abs(flat[at]!);
  }
  return total > 0 ? flat.map((value) => value / total) : flat;
}

/**
 * The strongest peaks of the profiles' spectra together, as pitches in pixels within `least` … `most`: up to `each` an
 * octave, since hard edges ring as loud at every harmonic as at the pitch itself.
 */
export function strongPitches(
  profiles: readonly Float64Array[],
  { least, most }: { least: number; most: number },
  each: number,
): number[] {
  const longest = Math.max(...profiles.map((profile) => profile.length));
  const step = 1 / (oversampling * longest);
  const first = Math.ceil(1 / most / step);
  const last = Math.floor(1 / least / step);
  const power = Array.from({ length: last - first + 1 }, (_, index) =>
    profiles.reduce((sum, profile) => sum + magnitude(profile, (first + index) * step), 0),
  );
  const octaves = new Map<number, number>();
  return power
    .map((value, index) => ({ value, pitch: 1 / ((first + index) * step), index }))
    .filter(({ value, index }) => value > (power[index - 1] ?? 0) && value >= (power[index + 1] ?? 0))
    .toSorted((one, other) => other.value - one.value)
    .filter(({ pitch }) => {
      const octave = Math.floor(Math.log2(pitch / least));
      octaves.set(octave, (octaves.get(octave) ?? 0) + 1);
      return octaves.get(octave)! <= each;
    })
    .map(({ pitch }) => pitch);
}

/** Pitch and phase near `pitch` where the profile and its harmonics ring strongest. */
export function tune(profile: Float64Array, pitch: number): { pitch: number; phase: number } {
  const center = 1 / pitch;
  const width = Math.min(0.04 * center, 1 / profile.length);
  let best = { value: -1, frequency: center };
  for (let step = -20; step <= 20; step++) {
    const frequency = center + (step / 20) * width;
    const value = harmonics.reduce((sum, weight, index) => {
      const harmonic = frequency * (index + 1);
      return harmonic < 0.5 ? sum + weight * magnitude(profile, harmonic) : sum;
    }, 0);
    if (value > best.value) best = { value, frequency };
  }
  const { re, im } = fourier(profile, best.frequency);
  const tuned = 1 / best.frequency;
  const phase = (-Math.atan2(im, re) / (2 * Math.PI)) * tuned;
  return { pitch: tuned, phase: ((phase % tuned) + tuned) % tuned };
}

function magnitude(profile: Float64Array, frequency: number): number {
  const { re, im } = fourier(profile, frequency);
  return Math.hypot(re, im);
}
