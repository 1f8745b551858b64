package io.ringfence.dataplane.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.testing.Requirement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A journal on a disk that becomes full, and is given room again; needs root, to mount one. */
@Timeout(60)
class FullDiskTest {
    private static final long DISK_BYTES = JournalStore.MIN_USABLE_BYTES + (8L << 20);

    @TempDir
    private Path folder;

    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private boolean mounted;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", folder.toString()) == 0;
        Requirement.of(mounted, "needs root, to mount a file system");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (mounted) {
            assertThat(run("umount", "-l", folder.toString())).isZero();
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void shouldGoOnSayOnceWhatIsLostAndWriteAgainWhenThereIsRoom() throws Exception {
        Path rest = folder.resolve("rest");
        try (Journal journal = Journal.open(folder.resolve("journal"), 16 << 20, warnings::add)) {
            journal.start();
            journal.append(Entries.numbered(1));
            Await.until("the first is written", () -> journal.written() == 1);
            fill(rest);
            for (int number = 2; number <= 50; number++) {
                long expected = number;
                journal.append(Entries.numbered(number));
                Await.until("it is lost", () -> journal.written() + journal.lost() == expected);
            }
            assertThat(journal.lost()).isEqualTo(49);
            assertThat(warnings).singleElement().asString().contains("records are lost", "MiB left");
            Files.delete(rest);
            Await.until("it writes again", () -> {
                journal.append(Entries.numbered(51));
                return journal.written() > 1;
            });
        }
        assertThat(warnings).hasSize(2).last().asString().contains("writing again");
        assertThat(Entries.numbersIn(folder.resolve("journal"))).startsWith(1L, 51L);
    }

    private static void fill(Path file) throws IOException {
        ByteBuffer megabyte = ByteBuffer.allocate(1 << 20);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (true) {
                channel.write(megabyte.clear());
            }
        } catch (IOException full) {
            assertThat(Files.size(file)).isGreaterThan(1 << 20);
        }
    }
}
