package io.ringfence.bench.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

final class WritableFileTest {
    @Command
    private static final class WithFile implements Runnable {
        @Option(names = "--html", required = true)
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path file;

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private CommandSpec spec;

        @Override
        public void run() {
            WritableFile.require(spec, "--html", file);
        }
    }

    @TempDir
    private Path folder;

    @Test
    void shouldLeaveNothingBehindWhenTheFileCanBeMade() {
        assertThat(refusal(folder.resolve("page.html"))).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldNotTouchAFileWhenItIsThereAlready() throws IOException {
        Path file = Files.writeString(folder.resolve("page.html"), "of last week");
        FileTime then = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(file, then);
        assertThat(refusal(file)).isEmpty();
        assertThat(file).hasContent("of last week");
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(then);
    }

    @Test
    void shouldTakeADeviceWhenItCanBeWritten() {
        assertThat(refusal(Path.of("/dev/null"))).isEmpty();
    }

    @Test
    void shouldRefuseAFileWhenItsFolderIsMissing() {
        Path file = folder.resolve("nowhere/page.html");
        assertThat(refusal(file))
                .startsWith("--html %s: expected a file that can be written, but there is no folder %s; create it, or"
                        .formatted(file, file.getParent()));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldRefuseAFileWhenItIsAFolder() {
        assertThat(refusal(folder)).startsWith("--html " + folder).contains("it is a folder; name another file");
    }

    @Test
    void shouldRefuseAFileWhenWhatItIsInIsNoFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(refusal(file.resolve("page.html"))).contains(file + " is no folder");
    }

    /** Where root has all rights, and yet can write nothing. */
    @Test
    void shouldRefuseAFileWhenTheKernelMakesNone() {
        assertThat(refusal(Path.of("/proc/page.html")))
                .contains("--html /proc/page.html", "the folder /proc")
                .doesNotContain("Exception");
    }

    @Test
    void shouldRefuseAFileWhenItsNameIsTooLong() {
        assertThat(refusal(folder.resolve("x".repeat(300)))).contains("File name too long");
    }

    /** What is said if it is refused, as a bad command line. */
    private static String refusal(Path file) {
        StringWriter errors = new StringWriter();
        int exitCode =
                new CommandLine(new WithFile()).setErr(new PrintWriter(errors)).execute("--html=" + file);
        String said = errors.toString();
        assertThat(exitCode).isEqualTo(said.isEmpty() ? 0 : 2);
        return said;
    }
}
