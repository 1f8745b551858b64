package io.ringfence.dataplane.control;

import io.ringfence.config.Vm;
import io.ringfence.vhostuser.backend.RedoLogFolder;
import io.ringfence.vhostuser.backend.RedoLogs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Where the redo logs of packed queues are: in {@code packed-queues} of the run directory.
 *
 * <p>The name of a file holds the VM's, and a hash of what makes it the only one: the socket, which no other process has at the same
 * time, and the boot, for the case that the directory outlives it.
 */
final class RedoLogFiles {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    private RedoLogFiles() {}

    static RedoLogs of(Vm vm, EventLog log) {
        String boot;
        try {
            boot = Files.readString(BOOT);
        } catch (IOException e) {
            log.warning(vm.name(), "packed queues will not survive the end of this process: " + e);
            return RedoLogs.NOWHERE;
        }
        UUID hash = UUID.nameUUIDFromBytes((boot + vm.socket()).getBytes(StandardCharsets.UTF_8));
        return new RedoLogFolder(
                RunDirectory.redoLogs(), vm.name() + "-" + hash, problem -> log.warning(vm.name(), problem));
    }
}
