package io.ringfence.interop;

import java.nio.file.Path;

/** Where the launcher is. */
final class Launcher {
    /** The top folder of the checkout. */
    static final Path ROOT = Path.of(System.getProperty("ringfence.root"));

    private Launcher() {}
}
