/** Files a person could load, by ComfyUI's folder names. */
export type ModelFolders = Readonly<Record<string, readonly string[]>>;

/**
 * What the embedded engine offers to loaders: names only, since it draws without weights.
 * They fit the patterns that workflows look for, and say what they are.
 */
export const embeddedModels: ModelFolders = {
  checkpoints: ["dgx-pixels-embedded.safetensors"],
  loras: [],
  vae: [],
  controlnet: [],
  embeddings: [],
  upscale_models: [],
};

export const samplerNames = [
  "euler",
  "euler_cfg_pp",
  "euler_ancestral",
  "euler_ancestral_cfg_pp",
  "heun",
  "heunpp2",
  "dpm_2",
  "dpm_2_ancestral",
  "lms",
  "dpm_fast",
  "dpm_adaptive",
  "dpmpp_2s_ancestral",
  "dpmpp_sde",
  "dpmpp_sde_gpu",
  "dpmpp_2m",
  "dpmpp_2m_sde",
  "dpmpp_2m_sde_gpu",
  "dpmpp_3m_sde",
  "dpmpp_3m_sde_gpu",
  "ddpm",
  "lcm",
  "ipndm",
  "deis",
  "res_multistep",
  "ddim",
  "uni_pc",
  "uni_pc_bh2",
] as const;

export const schedulerNames = [
  "simple",
  "sgm_uniform",
  "karras",
  "exponential",
  "ddim_uniform",
  "beta",
  "normal",
  "linear_quadratic",
  "kl_optimal",
] as const;
