// Style sheets as the build hands them over: their text.
declare module "*.css" {
  const text: string;
  export default text;
}
