package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The real-time bandwidth of control groups, in kernels with CONFIG_RT_GROUP_SCHED and a version 1 {@code cpu} controller
 * (sched-rt-group.rst): SCHED_FIFO is refused in a group without {@code cpu.rt_runtime_us}. SCHED_DEADLINE does not care.
 */
public final class RealtimeGroup {
    private RealtimeGroup() {}

    /** The group of a thread if its real-time runtime is 0; empty if it has some, or groups have no such limit. */
    public static Optional<Path> withoutRuntime(int threadId) {
        return groupOf(threadId).filter(group -> {
            try {
                return Files.readString(group.resolve("cpu.rt_runtime_us"))
                        .strip()
                        .equals("0");
            } catch (IOException noSuchLimit) {
                return false;
            }
        });
    }

    private static Optional<Path> groupOf(int threadId) {
        try {
            return Mount.parse(Files.readString(Path.of("/proc/self/mountinfo"))).stream()
                    .filter(mount -> mount.holds("cpu"))
                    .findFirst()
                    .flatMap(mount -> Proc.cgroup(threadId, "cpu")
                            .map(group -> mount.point().resolve(group.substring(1))));
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }
}
