import { get, post } from "./route.ts";
import { fileTypes, staysInside, type FileType } from "../files.ts";
import { empty, json } from "../reply.ts";
import { formBody } from "../request.ts";

const mediaTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
};

function fileType(name: string | null, usual: FileType): FileType | null {
  return name === null ? usual : (fileTypes.find((type) => type === name) ?? null);
}

/** Pictures in and out. */
export const filesRoutes = [
  get(/^\/view$/, ({ query }, { catalog }) => {
    const filename = query.get("filename") ?? "";
    const subfolder = query.get("subfolder") ?? "";
    const type = fileType(query.get("type"), "output");
    if (filename === "") return empty(404);
    if (type === null || !staysInside(filename)) return empty(400);
    if (!staysInside(subfolder)) return empty(403);
    // As ComfyUI does, a path in the name counts for its last part alone.
    const name = filename.split("/").at(-1) ?? "";
    const bytes = catalog.files.read({ filename: name, subfolder: subfolder.replace(/\/$/, ""), type });
    if (bytes === null) return empty(404);
    const extension = name.split(".").at(-1)?.toLowerCase() ?? "";
    return {
      status: 200,
      type: mediaTypes[extension] ?? "application/octet-stream",
      body: bytes,
      headers: { "content-disposition": `filename*=UTF-8''${encodeURIComponent(name)}` },
    };
  }),
  post(/^\/upload\/image$/, async (request, { catalog }) => {
    const form = await formBody(request);
    const image = form.get("image");
    const type = fileType(textField(form, "type"), "input");
    const subfolder = textField(form, "subfolder") ?? "";
    if (!(image instanceof File) || image.name === "" || type === null) return empty(400);
    const filename = image.name.split("/").at(-1) ?? "";
    if (filename === "" || !staysInside(image.name) || !staysInside(subfolder)) return empty(400);
    const overwrite = ["true", "1"].includes(textField(form, "overwrite") ?? "");
    const name = catalog.files.upload({ filename, subfolder, type }, await image.bytes(), overwrite);
    return json({ name: name.filename, subfolder: name.subfolder, type: name.type });
  }),
];

function textField(form: FormData, name: string): string | null {
  const value = form.get(name);
  return typeof value === "string" ? value : null;
}
