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
 * <p>Closing it unmounts the file system, which gives back the pages that a killed process left in it, and takes the
 * pages that were added off the system's number again; others may change that number at the same time. Needs root.
 */
public final class Hugepages implements AutoCloseable {
    private static final Path PAGES = Path.of("/proc/sys/vm/nr_hugepages");
    private static final int PAGE_MEBIBYTES = 2;

    private final int pagesAdded;
    private final Path mount;

    private Hugepages(int pagesAdded, Path mount) {
        this.pagesAdded = pagesAdded;
        this.mount = mount;
    }

    /**
     * Makes sure of so much free memory in 2 MiB pages and mounts it.
     *
     * @throws PeerException if the kernel cannot find so many free pages, or this process may not ask for them
     */
    public static Hugepages ofAtLeast(int mebibytes) {
        try {
            int needed = mebibytes / PAGE_MEBIBYTES;
            // Pages in use may be surplus to the number in the file; a larger number takes those in before it adds free
            // ones.
            int inUse = read("HugePages_Total") - read("HugePages_Free");
            int added = Math.max(
                    0, inUse + needed - Integer.parseInt(Files.readString(PAGES).strip()));
            change(added);
            int found = read("HugePages_Free");
            if (found < needed) {
                change(-added);
                throw new PeerException(
                        "Only %d of %d huge pages of 2 MiB are free; free memory, or reserve them at boot (hugepages=%d)"
                                .formatted(found, needed, needed));
            }
            Path mount = Files.createTempDirectory("rf-huge");
            ShortCommand.run(List.of("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", mount.toString()));
            return new Hugepages(added, mount);
        } catch (IOException e) {
            throw new PeerException(
                    "Huge pages cannot be reserved through %s: %s (root is needed)".formatted(PAGES, e), e);
        }
    }

    private static void change(int pages) throws IOException {
        if (pages != 0) {
            int now = Integer.parseInt(Files.readString(PAGES).strip());
            Files.writeString(PAGES, Integer.toString(Math.max(0, now + pages)));
        }
    }

    private static int read(String field) throws IOException {
        var matcher = Pattern.compile(field + ":\\s+(\\d+)").matcher(Files.readString(Path.of("/proc/meminfo")));
        if (!matcher.find()) {
            throw new PeerException("This kernel has no huge pages: /proc/meminfo lacks " + field);
        }
        return Integer.parseInt(matcher.group(1));
    }

    /** The folder that the pages are mounted at. */
    public Path mount() {
        return mount;
    }

    @Override
    public void close() {
        // Lazily: when the JVM ends, a process that still ends may use it, and its pages are given back a moment later.
        ShortCommand.run(List.of("umount", "--lazy", mount.toString()));
        try {
            Files.delete(mount);
            change(-pagesAdded);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
