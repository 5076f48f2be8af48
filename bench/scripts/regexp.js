const text = "The quick brown fox jumps over the lazy dog 12345 ".repeat(400);
export default {
  fetch: () => Response.json({ words: [...text.matchAll(/\b([a-z]+)\s+(\w+)\b/g)].length }),
};
