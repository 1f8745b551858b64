package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A stock Debian kernel and an initramfs with busybox, iperf3 and ethtool that runs the commands of {@link QemuGuest}.
 *
 * @param kernel a bzImage
 * @param initramfs a cpio archive
 */
public record GuestImage(Path kernel, Path initramfs) {
    private static final String SCRIPT = "build-guest.sh";
    private static final String INIT = "init";

    /**
     * Builds the image in the folder, or takes the one that was built there before from the same scripts.
     *
     * @throws PeerException if the kernel package cannot be had; the message has apt's words
     */
    public static synchronized GuestImage in(Path folder) {
        var image = new GuestImage(folder.resolve("vmlinuz"), folder.resolve("initramfs.cpio"));
        try {
            if (!image.isBuiltFrom(folder, SCRIPT) || !image.isBuiltFrom(folder, INIT)) {
                Files.createDirectories(folder);
                Files.deleteIfExists(image.initramfs);
                Files.write(folder.resolve(SCRIPT), resource(SCRIPT));
                Files.write(folder.resolve(INIT), resource(INIT));
                ShortCommand.run(List.of(
                        "bash",
                        folder.resolve(SCRIPT).toString(),
                        folder.toAbsolutePath().toString(),
                        folder.resolve(INIT).toAbsolutePath().toString()));
            }
            return image;
        } catch (IOException e) {
            throw new UncheckedIOException("The guest image cannot be written to " + folder, e);
        }
    }

    private boolean isBuiltFrom(Path folder, String name) throws IOException {
        Path used = folder.resolve(name);
        return Files.exists(initramfs) && Files.exists(used) && Arrays.equals(Files.readAllBytes(used), resource(name));
    }

    private static byte[] resource(String name) throws IOException {
        try (var in = Objects.requireNonNull(GuestImage.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }
}
