import { fromHex, type Lch } from "./color.ts";

/** Words that mean the same, the first of each line being the one that code uses. */
function synonyms<K extends string>(groups: Readonly<Record<K, string>>): ReadonlyMap<string, K> {
  const map = new Map<string, K>();
  for (const [name, words] of entries(groups)) {
    map.set(name, name);
    for (const word of words.split(" ")) if (word !== "") map.set(word, name);
  }
  return map;
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- these records are literals: they have no other keys
  return Object.entries(record) as [K, V][];
}

const subjectWords = {
  // creatures
  dragon: "wyvern drake wyrm dragons",
  slime: "blob jelly ooze goo slimes gel pudding",
  bird: "chicken eagle crow raven owl duck parrot hawk sparrow pigeon phoenix penguin chick birds",
  ghost: "spirit wraith phantom specter spectre poltergeist ghosts",
  spider: "tarantula arachnid spiders",
  snake: "serpent cobra viper worm naga snakes",
  fish: "shark piranha carp goldfish trout salmon fishes whale",
  bat: "bats vampirebat",
  beast:
    "wolf dog cat fox bear lion tiger horse cow pig boar sheep deer rat mouse hound puppy kitten pony unicorn panther puma rabbit bunny animal goat bull",
  crab: "crabs lobster scorpion",
  insect: "bug beetle ladybug bee wasp fly ant butterfly moth insects beetles",
  frog: "toad frogs",
  eye: "beholder eyeball watcher",
  monster:
    "creature alien demon imp devil fiend gremlin critter beast-man invader mutant kaiju boss enemy golem monsters aliens",
  skull: "skulls",
  // people
  person:
    "man woman boy girl human hero heroine player character npc villager adventurer farmer merchant child guy lady peasant traveler chef sailor people",
  knight: "paladin soldier guard warrior fighter crusader templar gladiator viking samurai",
  wizard: "mage sorcerer witch warlock necromancer magician sorceress druid shaman cleric priest monk",
  rogue: "thief assassin ninja ranger archer hunter bandit pirate outlaw",
  goblin: "orc troll ogre kobold hobgoblin goblins orcs",
  skeleton: "skeletons lich undead zombie mummy",
  royal: "king queen prince princess emperor empress",
  robot: "android mech cyborg droid automaton robots",
  astronaut: "cosmonaut spaceman",
  // things
  sword: "blade longsword broadsword katana saber sabre rapier scimitar greatsword swords claymore cutlass",
  dagger: "knife shiv stiletto",
  axe: "hatchet battleaxe tomahawk axes",
  bow: "longbow crossbow shortbow",
  arrow: "arrows bolt",
  spear: "lance trident pike halberd javelin",
  staff: "wand rod scepter sceptre cane",
  hammer: "mace warhammer mallet club pickaxe",
  shield: "buckler shields",
  helmet: "helm",
  armor: "armour chestplate breastplate cuirass tunic",
  boots: "boot shoe shoes",
  potion: "bottle flask elixir vial phial potions jar ",
  gem: "ruby emerald sapphire amethyst topaz amber diamond jewel crystal emerald-gem gemstone gems jewels crystals shard",
  coin: "coins money token medal",
  ring: "rings",
  key: "keys",
  chest: "treasure crate box lootbox chests",
  egg: "eggs",
  barrel: "keg cask barrels",
  book: "tome spellbook grimoire books",
  scroll: "parchment map letter scrolls",
  crown: "tiara diadem",
  bomb: "grenade dynamite bombs mine",
  torch: "torches candle",
  lantern: "lamp lanterns",
  heart: "hearts life health",
  star: "stars",
  bag: "pouch sack backpack purse",
  gun: "pistol rifle blaster revolver cannon laser",
  // food
  apple: "apples orange peach cherry tomato fruit berry pear plum",
  bread: "loaf baguette bun cake pie",
  cheese: "cheeses",
  meat: "steak ham drumstick turkey",
  carrot: "carrots radish",
  mushroom: "toadstool mushrooms fungus",
  // nature
  tree: "oak willow birch maple trees sapling",
  pine: "fir spruce conifer christmas-tree pines",
  palm: "palmtree coconut",
  bush: "shrub hedge bushes",
  flower: "rose tulip daisy sunflower flowers lily blossom",
  cactus: "cacti",
  rock: "boulder stone rocks stones ore pebble",
  crystals: "cluster geode",
  // places
  house: "cottage hut cabin home shop inn tavern building barn houses",
  castle: "fortress keep tower citadel castles lighthouse dungeon-gate",
  tent: "tents camp",
  door: "gate doors portcullis",
  sign: "signpost billboard",
  // vehicles
  boat: "sailboat galleon ship raft boats ships",
  spaceship: "starship spacecraft rocket ufo fighter-jet shuttle plane airplane jet saucer",
  car: "truck van vehicle cars tank wagon cart bus taxi",
  // effects
  explosion: "blast boom burst explosions detonation",
  fire: "flame flames campfire bonfire fireball inferno",
  smoke: "cloud clouds dust puff fog",
  lightning: "thunder spark electricity thunderbolt",
  orb: "sphere ball magic-ball planet moon sun bubble",
  portal: "vortex rift",
  // ground
  grass: "meadow lawn field",
  dirt: "soil mud earth path",
  water: "ocean sea river lake",
  sand: "desert beach dune",
  lava: "magma",
  brick: "bricks wall walls",
  cobble: "cobblestone floor pavement cobblestones flagstone ground tile tiles dungeon",
  planks: "plank floorboards parquet",
  snow: "snowfield",
  leaves: "foliage leaf",
  metal: "plating panel panels",
} as const;

export type Subject = keyof typeof subjectWords;
export const subjects = synonyms(subjectWords);

/** Parts that a colour can be said of: "a knight with a red cape". */
const partWords = {
  wings: "wing",
  belly: "stomach chest-plate underside",
  eyes: "eyes-glow iris",
  horns: "horn antlers antler tusks",
  hair: "beard mane fur feathers hat-hair",
  hat: "hood cap plume headband bandana",
  cape: "cloak robe robes coat scarf dress shirt",
  skin: "face scales hide",
  handle: "hilt grip shaft guard pommel",
  liquid: "potion-liquid contents",
  roof: "rooftop shingles thatch",
  petals: "petal blooms",
  sails: "sail flag banner",
  flame: "flaming-part fire-part",
  trunk: "bark stem branches",
  emblem: "cross symbol logo crest rune runes",
  gem: "gemmed jeweled jewelled",
  legs: "leg trousers pants feet",
} as const;

export type Part = keyof typeof partWords;
export const parts = synonyms(partWords);

const colorHexes: Readonly<Record<string, string>> = {
  red: "#cf3a3a",
  crimson: "#a8203a",
  scarlet: "#d8342c",
  ruby: "#c41e4a",
  maroon: "#7a2433",
  blood: "#8e1b22",
  orange: "#e8822e",
  amber: "#e6a12c",
  yellow: "#eccb3c",
  golden: "#e2b13c",
  lime: "#9bd13c",
  green: "#4aa04a",
  emerald: "#2fa36b",
  olive: "#7f8a3a",
  jade: "#3f9f7f",
  mint: "#8fd8b2",
  teal: "#2f9a9a",
  turquoise: "#3ac2bd",
  cyan: "#48c8dc",
  aqua: "#5cd0e0",
  azure: "#4a9ae6",
  blue: "#3f6fd1",
  navy: "#2b3f7c",
  sapphire: "#2c55c0",
  indigo: "#4a3fa6",
  purple: "#8546b0",
  violet: "#8a5ad6",
  lavender: "#b79be0",
  magenta: "#c93fb0",
  pink: "#ee88b4",
  rose: "#d9608a",
  brown: "#8b5a34",
  tan: "#c9a06c",
  beige: "#d9c6a0",
  cream: "#efe2c0",
  black: "#33313d",
  ebony: "#2c2a33",
  dark: "#4a4456",
  mana: "#4a6fe0",
  stamina: "#7ac142",
  white: "#e9e9ee",
  ivory: "#ece4cf",
  gray: "#878c99",
  grey: "#878c99",
  pale: "#d6d2da",
};

export const colors: ReadonlyMap<string, Lch> = new Map(
  Object.entries(colorHexes).map(([name, hex]) => [name, fromHex(hex)]),
);

export interface Substance {
  readonly color: Lch;
  readonly gloss: number;
}

function substance(hex: string, gloss: number): Substance {
  return { color: fromHex(hex), gloss };
}

const substanceGroups: readonly [words: string, substance: Substance][] = [
  ["gold golden gilded", substance("#dfae34", 1)],
  ["silver platinum mithril chrome", substance("#b4bfcd", 1)],
  ["iron steel metallic", substance("#8793a3", 1)],
  ["copper bronze brass", substance("#b9763c", 1)],
  ["wood wooden oaken", substance("#946338", 0)],
  ["rocky mossy", substance("#85858c", 0)],
  ["glass crystalline icy ice frozen frost frosty", substance("#8fd0ea", 1)],
  ["bone bony", substance("#e2d9bd", 0)],
  ["leather leathery", substance("#8a5a38", 0)],
  ["obsidian shadow shadowy", substance("#3c3452", 1)],
  ["fiery burning flaming molten", substance("#e2602a", 0)],
  ["rusty rusted", substance("#9c5836", 0)],
  ["paper", substance("#e6dab6", 0)],
  ["plastic rubber", substance("#d84a4a", 1)],
];

export const substances: ReadonlyMap<string, Substance> = new Map(
  substanceGroups.flatMap(([words, value]) => words.split(" ").map((word): [string, Substance] => [word, value])),
);

const moodWords = {
  cute: "kawaii chibi adorable baby friendly happy smiling cheerful little",
  evil: "angry wicked menacing scary fierce sinister vicious cruel creepy horror spooky hostile demonic hellish cursed",
  sad: "crying gloomy",
  sleepy: "sleeping tired",
  magic:
    "magical enchanted glowing mystic mystical arcane sparkling shiny radiant holy divine sacred celestial legendary epic",
  poison: "poisonous toxic venomous acid acidic",
  burning: "fiery flaming burning blazing molten infernal",
  frozen: "icy frosty frost cold winter",
  electric: "shocking charged",
  big: "giant huge massive large enormous colossal ancient elder mega great tall",
  small: "tiny mini small short miniature",
  fat: "chubby round plump thick wide",
  thin: "slim slender lean skinny long narrow",
  armored: "armoured armored plated heavy",
  old: "worn ruined broken cracked weathered rusty",
  spiky: "spiked thorny sharp",
  winged: "flying",
  horned: "horns",
  ornate: "fancy elegant decorated jeweled royal noble",
  autumn: "fall autumnal",
  dead: "withered barren bare",
  open: "opened",
} as const;

export type Mood = keyof typeof moodWords;
export const moods = synonyms(moodWords);

/** Words that say what any sprite is, or nothing: they are no news, and no miss. */
export const fillers: ReadonlySet<string> = new Set(
  (
    "a an the of with and or in on at to for from by as is its his her it that this one two three four single very some my your our " +
    "spell space battle war treasure pixel pixels pixelart art sprite sprites spritesheet sheet game games asset icon item retro bit 8bit 16bit 32bit 8 16 32 64 style styled " +
    "side front back view top down topdown facing isometric full body portrait idle pose standing walking running frame frames animation " +
    "plain solid flat simple clean crisp background backdrop transparent centered center subject isolated shading shaded outline outlined " +
    "detailed high quality best masterpiece color colors colored coloured seamless tileable tiling pattern texture textured evenly lit fantasy rpg medieval " +
    "cartoon drawing illustration design object video nes snes gameboy palette limited wearing holding carrying having sitting looking full-body left right"
  ).split(" "),
);

/** What a word may mean, with its plural and its spelling in two. */
export function forms(word: string): string[] {
  const stems = [word];
  if (word.endsWith("ies")) stems.push(`${word.slice(0, -3)}y`);
  if (word.endsWith("es")) stems.push(word.slice(0, -2));
  if (word.endsWith("s")) stems.push(word.slice(0, -1));
  if (word.endsWith("ish")) stems.push(word.slice(0, -3), word.slice(0, -4));
  if (word.endsWith("en")) stems.push(word.slice(0, -2));
  return stems;
}
