import { definePart } from "../registry.ts";
import { FileReader } from "./file-reader.ts";

export const filereader = { FileReader };

definePart("filereader", filereader);
