const data = new Uint8Array(1048576).fill(7);
export default {
  async fetch() {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
    return Response.json({ first: digest[0] });
  },
};
