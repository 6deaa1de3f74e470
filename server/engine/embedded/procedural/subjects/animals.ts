import { teeth, mouth } from "./faces.ts";
import { ink, material, scales, speckled, stuff } from "../look.ts";
import { limb, path, smooth } from "../shapes.ts";
import type { SubjectDrawing } from "./subject.ts";

const bird: SubjectDrawing = {
  colors: ["#4a8fd6", "#c8503c", "#e3b73f", "#5a9e54", "#7a5638", "#4b4a58"],
  motion: "bob",
  facing: "right",
  draw: (pen, look) => {
    const feathers = look.main();
    const belly = look.part("belly", look.shade("belly", { l: 0.22, c: 0.45 }));
    const feet = material("#e08a2e");
    const chick = look.has("cute") || look.has("fat");
    pen.plate(path("0.3 0.62, 0.02 0.66, 0.03 0.78, 0.1 0.8, 0.34 0.75"), look.shade("wings", { l: -0.12 }));
    for (const x of [0.44, 0.56]) {
      pen.tube(
        [
          [x, 0.82, 0.022],
          [x, 0.93, 0.02],
        ],
        feet,
      );
      pen.tube(
        [
          [x - 0.02, 0.94, 0.02],
          [x + 0.07, 0.94, 0.018],
        ],
        feet,
        { soft: true },
      );
    }
    pen.ball(0.48, 0.64, chick ? 0.3 : 0.27, 0.23, feathers);
    pen.ball(0.56, 0.7, 0.17, 0.15, belly, { soft: true });
    pen.ball(0.63, 0.36, chick ? 0.22 : 0.185, chick ? 0.21 : 0.18, feathers, { soft: true });
    pen.plate(path("0.78 0.33, 0.99 0.39, 0.78 0.46"), look.part(null, material("#eda235")), { bevel: 0.05 });
    pen.eye(0.68, 0.33, 0.05, look.eyes, [0.4, 0]);
    pen.plate(path("0.24 0.56, 0.47 0.5, 0.57 0.6, 0.46 0.74, 0.14 0.79"), look.shade("wings", { l: -0.09 }), {
      bevel: 0.05,
    });
    if (look.kind === "chicken" || look.kind === "phoenix" || look.kind === "parrot") {
      const crest = material("#d23b3b");
      pen.ball(0.6, 0.17, 0.05, 0.05, crest);
      pen.ball(0.67, 0.15, 0.045, 0.055, crest);
    }
  },
};

const spider: SubjectDrawing = {
  colors: ["#3d3646", "#6b3f36", "#44507a", "#5c3a6e"],
  motion: "walk",
  draw: (pen, look) => {
    const hair = look.main({ texture: speckled(look.random.integer(0, 999), 2, 0.6) });
    const legs = look.shade("legs", { l: -0.04 }, 0);
    pen.mirror(() => {
      for (const [knee, foot, y] of limb("0.2 0.03 0.34, 0.13 0.02 0.56, 0.14 0.03 0.76, 0.23 0.14 0.93")) {
        const lift = y < 0.5 ? -0.14 : y < 0.7 ? -0.1 : -0.04;
        pen.tube(
          [
            [0.44, 0.55, 0.03],
            [knee, y + lift, 0.026],
            [foot, y + 0.06, 0.012],
          ],
          legs,
        );
      }
    });
    pen.ball(0.5, 0.38, 0.26, 0.27, hair);
    pen.plate(path("0.5 0.26, 0.57 0.36, 0.5 0.48, 0.43 0.36"), look.part("emblem", material("#c8343c")), {
      soft: true,
    });
    pen.ball(0.5, 0.68, 0.18, 0.15, hair);
    const eye = look.has("cute") ? ([250, 250, 250] as const) : ([226, 52, 60] as const);
    pen.mirror(() => {
      pen.dot(0.44, 0.69, eye);
      pen.dot(0.38, 0.65, eye);
      if (pen.size > 22) pen.dot(0.44, 0.63, eye);
      pen.tube(limb("0.45 0.81 0.022, 0.46 0.87 0.012"), stuff.bone);
    });
  },
};

const snake: SubjectDrawing = {
  colors: ["#5a9e3e", "#b5832e", "#8c3f4a", "#3f8f88"],
  motion: "sway",
  facing: "right",
  draw: (pen, look) => {
    const hide = look.main({ texture: scales(0.6) });
    pen.tube(smooth(limb("0.06 0.72 0.012, 0.16 0.84 0.045, 0.4 0.9 0.075, 0.72 0.86 0.09, 0.82 0.74 0.09")), hide);
    pen.tube(smooth(limb("0.82 0.74 0.09, 0.66 0.64 0.09, 0.4 0.66 0.09, 0.28 0.54 0.09")), hide);
    pen.tube(smooth(limb("0.28 0.54 0.09, 0.36 0.4 0.09, 0.56 0.38 0.085, 0.66 0.28 0.08")), hide);
    if (look.kind === "cobra") pen.ball(0.62, 0.3, 0.15, 0.19, hide, { rotate: 15 });
    pen.tube(limb("0.93 0.25 0.012, 0.99 0.29 0.008"), material("#d23b4a"));
    pen.ball(0.73, 0.2, 0.15, 0.11, look.main(), { rotate: 8 });
    pen.eye(0.74, 0.15, 0.035, { white: [250, 214, 80], pupil: ink }, [0.4, 0]);
    pen.dot(0.86, 0.19, ink);
  },
};

const fish: SubjectDrawing = {
  colors: ["#e2813a", "#4a90d0", "#d9b23c", "#7f93a8"],
  gloss: 0.6,
  motion: "float",
  facing: "right",
  draw: (pen, look) => {
    const shark = look.kind === "shark" || look.kind === "whale";
    const hide = shark ? material("#7488a0") : look.main({ texture: scales(0.5) });
    const fin = shark ? material("#5f728a") : look.shade("wings", { l: -0.06, h: 20 });
    pen.plate(path("0.24 0.52, 0.02 0.28, 0.08 0.52, 0.02 0.78"), fin, { bevel: 0.05 });
    pen.plate(path("0.4 0.32, 0.5 0.1, 0.68 0.3"), fin, { bevel: 0.05 });
    pen.plate(path("0.42 0.7, 0.44 0.9, 0.6 0.72"), fin, { bevel: 0.05 });
    pen.tube(smooth(limb("0.2 0.52 0.06, 0.45 0.5 0.23, 0.72 0.5 0.22, 0.88 0.53 0.1")), hide);
    pen.tube(
      smooth(limb("0.34 0.64 0.06, 0.58 0.67 0.07, 0.8 0.63 0.05")),
      look.part("belly", material("#f0e6d0", { contrast: 0.7 })),
      { soft: true },
    );
    pen.eye(0.76, 0.43, 0.05, look.eyes, [0.3, 0]);
    if (shark && pen.size > 18) teeth(pen, [0.74, 0.62], [0.92, 0.58], 4, 0.05);
    else pen.plate(path("0.46 0.5, 0.6 0.46, 0.56 0.6"), fin, { bevel: 0.03 });
  },
};

const bat: SubjectDrawing = {
  colors: ["#5a4a78", "#4a4453", "#7a4438"],
  motion: "float",
  draw: (pen, look) => {
    const fur = look.main();
    const membrane = look.shade("wings", { l: -0.08, h: -12 });
    pen.mirror(() => {
      pen.plate(path("0.46 0.4, 0.28 0.24, 0.03 0.3, 0.0 0.68, 0.1 0.58, 0.2 0.7, 0.29 0.6, 0.44 0.68"), membrane, {
        bevel: 0.05,
      });
      pen.tube(limb("0.42 0.42 0.025, 0.28 0.25 0.022, 0.03 0.31 0.01"), fur, { soft: true });
      pen.plate(path("0.36 0.38, 0.35 0.16, 0.48 0.31"), fur);
    });
    pen.ball(0.5, 0.58, 0.14, 0.2, fur);
    pen.ball(0.5, 0.43, 0.17, 0.155, fur, { soft: true });
    pen.mirror(() => {
      pen.eye(0.42, 0.42, 0.042, { white: [250, 220, 90], pupil: ink }, [0.2, 0]);
      pen.plate(path("0.44 0.52, 0.48 0.52, 0.46 0.58"), stuff.white, { soft: true });
      pen.tube(limb("0.45 0.76 0.02, 0.44 0.82 0.015"), membrane);
    });
  },
};

const crab: SubjectDrawing = {
  colors: ["#d2503a", "#c87a34", "#4a7fb0"],
  motion: "walk",
  draw: (pen, look) => {
    const shell = look.main({ texture: speckled(3, 2.4, 0.5) });
    pen.mirror(() => {
      for (const y of [0.66, 0.74, 0.82])
        pen.tube(
          [
            [0.34, y - 0.04, 0.03],
            [0.16, y - 0.06, 0.026],
            [0.08, y + 0.1, 0.012],
          ],
          shell,
        );
      pen.tube(smooth(limb("0.28 0.56 0.045, 0.12 0.5 0.05, 0.14 0.36 0.045")), shell);
      pen.ball(0.15, 0.27, 0.11, 0.13, shell, { rotate: 20 });
      pen.plate(path("0.16 0.12, 0.2 0.26, 0.26 0.14"), material("#2a2030"), { soft: true });
      pen.tube(limb("0.42 0.5 0.022, 0.41 0.39 0.02"), shell);
    });
    pen.ball(0.5, 0.64, 0.27, 0.2, shell);
    pen.mirror(() => pen.eye(0.41, 0.35, 0.045, look.eyes));
    mouth(pen, 0.5, 0.72, 0.07, look);
  },
};

const insect: SubjectDrawing = {
  colors: (kind) => (kind === "ladybug" ? ["#cf3a3a"] : ["#cf6a3a", "#4a9a5a", "#5a6fc0", "#8a5ad6"]),
  gloss: 0.8,
  motion: "float",
  draw: (pen, look) => {
    const flying = ["bee", "wasp", "fly", "butterfly", "moth"].includes(look.kind) || look.has("winged");
    const bee = look.kind === "bee" || look.kind === "wasp";
    const shell = bee ? material("#ecb93a", { texture: (_x, y) => (y % 5 < 2 ? -3 : 0) }) : look.main();
    const dark = material("#332b36");
    if (look.kind === "butterfly" || look.kind === "moth") {
      const wing = look.second("wings", 40);
      pen.mirror(() => {
        pen.ball(0.25, 0.33, 0.22, 0.24, look.main(), { rotate: -25 });
        pen.ball(0.29, 0.68, 0.17, 0.19, wing, { rotate: 20 });
        pen.ball(0.22, 0.32, 0.09, 0.09, wing, { soft: true });
      });
      pen.tube(limb("0.5 0.28 0.045, 0.5 0.75 0.035"), dark);
      pen.mirror(() => pen.tube(limb("0.49 0.26 0.012, 0.4 0.1 0.012"), dark));
      return;
    }
    pen.mirror(() => {
      if (!flying)
        for (const y of [0.48, 0.62, 0.76])
          pen.tube(
            [
              [0.36, y, 0.022],
              [0.14, y + 0.02, 0.018],
              [0.08, y + 0.1, 0.012],
            ],
            dark,
          );
      else pen.ball(0.2, 0.42, 0.19, 0.12, material("#d8ecf6", { contrast: 0.6 }), { rotate: 28 });
      pen.tube(limb("0.45 0.24 0.014, 0.36 0.08 0.012"), dark);
    });
    pen.ball(0.5, 0.62, 0.25, 0.3, shell);
    pen.ball(0.5, 0.31, 0.15, 0.12, dark);
    if (!bee) {
      pen.tube(limb("0.5 0.36 0.008, 0.5 0.9 0.008"), dark, { soft: true });
      pen.mirror(() => {
        pen.ball(0.38, 0.56, 0.045, 0.05, dark, { soft: true });
        pen.ball(0.41, 0.74, 0.04, 0.045, dark, { soft: true });
      });
    }
    pen.mirror(() => pen.dot(0.44, 0.29, [250, 250, 250]));
  },
};

const frog: SubjectDrawing = {
  colors: ["#5aa843", "#3f9a78", "#a8a03a"],
  gloss: 0.5,
  motion: "squash",
  draw: (pen, look) => {
    const skin = look.main();
    pen.mirror(() => {
      pen.ball(0.22, 0.76, 0.16, 0.15, skin);
      pen.tube(limb("0.18 0.91 0.035, 0.04 0.93 0.03"), skin);
    });
    pen.ball(0.5, 0.66, 0.32, 0.27, skin);
    pen.ball(0.5, 0.77, 0.22, 0.16, look.part("belly", look.shade("belly", { l: 0.2, c: 0.55 })), { soft: true });
    pen.mirror(() => {
      pen.tube(limb("0.36 0.8 0.04, 0.33 0.92 0.035"), skin);
      pen.ball(0.3, 0.36, 0.12, 0.12, skin);
      pen.eye(0.3, 0.34, 0.07, look.eyes);
    });
    mouth(pen, 0.5, 0.58, 0.17, look);
  },
};

export const animals = { bird, spider, snake, fish, bat, crab, insect, frog } as const satisfies Record<
  string,
  SubjectDrawing
>;
