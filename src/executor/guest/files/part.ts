import { definePart } from "../registry.ts";
import { Blob, blobBytes, blobFromBytes, File, isBlob, isFile } from "./blob.ts";
import { FormData, formEntries, isFormData } from "./form-data.ts";
import { extractMime, serializeMime } from "./mime.ts";
import { decodeForm, encodeForm } from "./multipart.ts";

function mimeOf(contentType: string | null): string {
  const mime = extractMime(contentType);
  return mime === null ? "" : serializeMime(mime);
}

export const files = {
  Blob,
  File,
  FormData,
  isBlob,
  isFile,
  isFormData,
  blobBytes,
  blobFromBytes,
  formEntries,
  encodeForm,
  decodeForm,
  mimeOf,
};

export type Files = typeof files;

definePart("files", files);
