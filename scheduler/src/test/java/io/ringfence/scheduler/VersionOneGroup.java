package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Mount;
import io.ringfence.testing.Await;
import io.ringfence.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A group of a test in a version 1 hierarchy, which single threads can be put into; gone afterwards, with all in it. */
final class VersionOneGroup implements AutoCloseable {
    final Path folder;
    private final Path root;
    private String busy = "";

    /** Makes the group below the root of the hierarchy, or takes over what a killed test left. */
    VersionOneGroup(String controller, String name) throws IOException {
        List<Mount> mounts = Mount.parse(Files.readString(Path.of("/proc/self/mountinfo")));
        Optional<Path> point = mounts.stream()
                .filter(mount -> mount.holds(controller))
                .map(Mount::point)
                .findFirst();
        Requirement.ofKernel(point.isPresent(), "needs a version 1 hierarchy of the " + controller + " controller");
        root = point.orElseThrow();
        folder = root.resolve(name);
        Files.createDirectories(folder);
    }

    void write(String file, String value) throws IOException {
        Files.writeString(folder.resolve(file), value);
    }

    void move(int threadId) throws IOException {
        write("tasks", Integer.toString(threadId));
    }

    @Override
    public void close() {
        Await.spinning(() -> "the group is removed: " + busy, this::removed);
    }

    private boolean removed() {
        try {
            for (String thread : Files.readAllLines(folder.resolve("tasks"))) {
                Files.writeString(root.resolve("tasks"), thread);
            }
            Files.delete(folder);
            return true;
        } catch (IOException failure) {
            // For a moment after its last thread has left or ended: EBUSY for the group, ESRCH for a listed thread.
            busy = failure.toString();
            return false;
        }
    }
}
