declare module "readable-stream" {
  const stream: Record<string, unknown>;
  export default stream;
}
