package io.ringfence.dataplane.control;

import io.ringfence.config.Vm;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;

/** The socket of a VM cannot be opened; the message says which VM and path, and why. */
public final class SocketRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    SocketRefusedException(Vm vm, IOException cause) {
        super("VM " + vm.name() + ": `socket: " + vm.socket() + "` cannot be opened: " + reason(cause), cause);
    }

    private static String reason(IOException cause) {
        return switch (cause) {
            case FileAlreadyExistsException file ->
                file.getFile() + " is not a folder: remove it, or choose another path";
            // Its message is often a bare path; the class says what is wrong with it.
            case FileSystemException other -> other.toString();
            default -> String.valueOf(cause.getMessage());
        };
    }
}
