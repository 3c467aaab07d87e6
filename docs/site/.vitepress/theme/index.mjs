// The default theme, with colours that have contrast enough and tables that scroll by themselves.
import DefaultTheme from "vitepress/theme";
import "./custom.css";

export default DefaultTheme;
