declare module "*.d.ts.txt" {
  const text: string;
  export default text;
}
