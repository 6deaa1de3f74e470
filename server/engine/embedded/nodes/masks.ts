import type { InputSpec, NodeClass } from "./node-class.ts";
import type { Mask } from "../values.ts";

const size: InputSpec = ["INT", { default: 512, min: 1, max: 16384, step: 1 }];
const offset: InputSpec = ["INT", { default: 0, min: 0, max: 16384, step: 1 }];

const operations = {
  multiply: (a: number, b: number) => a * b,
  add: (a: number, b: number) => a + b,
  subtract: (a: number, b: number) => a - b,
  and: (a: number, b: number) => Number(a >= 0.5 && b >= 0.5),
  or: (a: number, b: number) => Number(a >= 0.5 || b >= 0.5),
  xor: (a: number, b: number) => Number(a >= 0.5 !== b >= 0.5),
} as const;

/** Nodes that say where a sampler may draw. */
export const maskNodes: Readonly<Record<string, NodeClass>> = {
  SolidMask: {
    displayName: "SolidMask",
    category: "mask",
    inputs: () => ({
      required: { value: ["FLOAT", { default: 1, min: 0, max: 1, step: 0.01 }], width: size, height: size },
    }),
    outputs: ["MASK"],
    run: (inputs) => {
      const [width, height] = [inputs.number("width"), inputs.number("height")];
      return { outputs: [{ width, height, data: new Float32Array(width * height).fill(inputs.number("value")) }] };
    },
  },
  MaskComposite: {
    displayName: "MaskComposite",
    category: "mask",
    inputs: () => ({
      required: {
        destination: ["MASK"],
        source: ["MASK"],
        x: offset,
        y: offset,
        operation: [Object.keys(operations)],
      },
    }),
    outputs: ["MASK"],
    run: (inputs) => {
      const [to, from] = [inputs.link("destination", "MASK"), inputs.link("source", "MASK")];
      const name = inputs.text("operation");
      const operation = Object.entries(operations).find(([key]) => key === name)?.[1] ?? operations.multiply;
      return { outputs: [composite(to, from, inputs.number("x"), inputs.number("y"), operation)] };
    },
  },
};

function composite(to: Mask, from: Mask, x: number, y: number, operation: (a: number, b: number) => number): Mask {
  const data = to.data.slice();
  for (let row = 0; row < from.height && row + y < to.height; row += 1) {
    for (let column = 0; column < from.width && column + x < to.width; column += 1) {
      const at = (row + y) * to.width + column + x;
      const value = operation(to.data[at] ?? 0, from.data[row * from.width + column] ?? 0);
      data[at] = Math.min(1, Math.max(0, value));
    }
  }
  return { ...to, data };
}
