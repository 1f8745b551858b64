package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A hugetlbfs mount of 2 MiB pages that is all its owner's, with enough free pages for it.
 *
 * <p>Closing it unmounts the file system, which gives back the pages that a killed process left in it, and restores the number
 * of pages of the system. Needs root.
 */
public final class Hugepages implements AutoCloseable {
    private static final Path PAGES = Path.of("/proc/sys/vm/nr_hugepages");
    private static final Pattern FREE = Pattern.compile("HugePages_Free:\\s+(\\d+)");
    private static final int PAGE_MEBIBYTES = 2;

    private final int pagesBefore;
    private final Path mount;

    private Hugepages(int pagesBefore, Path mount) {
        this.pagesBefore = pagesBefore;
        this.mount = mount;
    }

    /**
     * Makes sure of so much free memory in 2 MiB pages and mounts it.
     *
     * @throws PeerException if the kernel cannot find so many free pages, or this process may not ask for them
     */
    public static Hugepages ofAtLeast(int mebibytes) {
        try {
            int before = Integer.parseInt(Files.readString(PAGES).strip());
            int needed = mebibytes / PAGE_MEBIBYTES;
            if (free() < needed) {
                Files.writeString(PAGES, Integer.toString(before - free() + needed));
            }
            if (free() < needed) {
                int found = free();
                Files.writeString(PAGES, Integer.toString(before));
                throw new PeerException(
                        "Only %d of %d huge pages of 2 MiB are free; free memory, or reserve them at boot (hugepages=%d)"
                                .formatted(found, needed, needed));
            }
            Path mount = Files.createTempDirectory("rf-huge");
            ShortCommand.run(List.of("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", mount.toString()));
            return new Hugepages(before, mount);
        } catch (IOException e) {
            throw new PeerException(
                    "Huge pages cannot be reserved through %s: %s (root is needed)".formatted(PAGES, e), e);
        }
    }

    private static int free() throws IOException {
        var matcher = FREE.matcher(Files.readString(Path.of("/proc/meminfo")));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /** The folder that the pages are mounted at. */
    public Path mount() {
        return mount;
    }

    @Override
    public void close() {
        ShortCommand.run(List.of("umount", mount.toString()));
        try {
            Files.delete(mount);
            Files.writeString(PAGES, Integer.toString(pagesBefore));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
