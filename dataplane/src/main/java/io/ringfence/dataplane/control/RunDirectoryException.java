package io.ringfence.dataplane.control;

import java.io.IOException;
import java.nio.file.Path;

/** A run directory that cannot be written to; the message says which, why, and what to do. */
public final class RunDirectoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RunDirectoryException(Path directory, IOException cause) {
        super(
                "cannot write " + directory + " (" + cause + "): run as root, or name another folder:"
                        + " JDK_JAVA_OPTIONS=-Dringfence.run.directory=FOLDER",
                cause);
    }
}
