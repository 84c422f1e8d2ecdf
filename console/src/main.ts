import { mount } from "svelte";
import "./app.css";
import App from "./App.svelte";
import { followLinks } from "./lib/place.svelte";
import "./lib/theme.svelte";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no place for the console");
followLinks();
mount(App, { target: root });
