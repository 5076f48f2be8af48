export default {
  fetch() {
    let seed = 1;
    const values = Array.from({ length: 20000 }, () => (seed = (seed * 48271) % 2147483647));
    values.sort((a, b) => a - b);
    return Response.json({ middle: values[10000] });
  },
};
