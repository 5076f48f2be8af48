const rows = Array.from({ length: 10000 }, (_, id) => ({
  id,
  name: "row " + id,
  tags: ["a", "b"],
  value: id / 7,
}));
const text = JSON.stringify(rows);
export default { fetch: () => Response.json({ bytes: JSON.stringify(JSON.parse(text)).length }) };
