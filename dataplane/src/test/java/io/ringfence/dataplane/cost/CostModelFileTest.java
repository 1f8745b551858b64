package io.ringfence.dataplane.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stored cost model is good for, and when it is refused. */
final class CostModelFileTest {
    private static final HostIdentity HERE =
            new HostIdentity("EPYC", "6.18.0", "OpenJDK 25+36", List.of("-XX:+UseZGC", "-Xint"), "0.1.0");
    private static final CostModel MODEL = new CostModel(
            side(60, 4, 0.25, 900), side(70, 5, 0.5, 800), new CostModel.WakeUp(cost(2_500), cost(1_500)));

    @TempDir
    private Path folder;

    @Test
    void shouldGiveBackWhatWasStored() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("new/folder/cost-model.json"));
        file.store(measured(HERE));
        assertThat(file.load(HERE)).isEqualTo(MODEL);
        assertThat(file.read()).isEqualTo(measured(HERE));
    }

    @Test
    void shouldReplaceAnEarlierMeasurementAndLeaveNothingElse() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(new HostIdentity("Xeon", "5.10", "OpenJDK 21", List.of(), "0.0.9")));
        file.store(measured(HERE));
        assertThat(file.load(HERE)).isEqualTo(MODEL);
        assertThat(folder).isDirectoryNotContaining(left -> !left.endsWith("cost-model.json"));
    }

    @Test
    void shouldBeReadableWithoutRights() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(HERE));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void shouldSayWhatHasChangedWhenStale() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(HERE));
        HostIdentity later =
                new HostIdentity("EPYC", "6.19.1", "OpenJDK 25.0.1+8", List.of("-XX:+UseSerialGC", "-Xint"), "0.1.0");
        assertThatExceptionOfType(CostModelRefusedException.class)
                .isThrownBy(() -> file.load(later))
                .withMessageContaining(file.path().toString())
                .withMessageContaining("stale")
                .withMessageContaining("the kernel (then 6.18.0, now 6.19.1)")
                .withMessageContaining("the JVM (then OpenJDK 25+36, now OpenJDK 25.0.1+8)")
                .withMessageContaining("then and not now: -XX:+UseZGC; now and not then: -XX:+UseSerialGC")
                .withMessageEndingWith("`ringfence calibrate`")
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("EPYC", "Ringfence ("));
    }

    @Test
    void shouldBeRefusedOnAnotherProcessorAndByAnotherVersion() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(HERE));
        HostIdentity other = new HostIdentity("Xeon", "6.18.0", HERE.jvm(), HERE.jvmOptions(), "0.2.0");
        assertThatExceptionOfType(CostModelRefusedException.class)
                .isThrownBy(() -> file.load(other))
                .withMessageContaining("the CPU (then EPYC, now Xeon)")
                .withMessageContaining("Ringfence (then 0.1.0, now 0.2.0)");
    }

    @Test
    void shouldNameTheRemedyWhenThereIsNone() {
        CostModelFile file = new CostModelFile(folder.resolve("absent.json"));
        assertThatExceptionOfType(CostModelRefusedException.class)
                .isThrownBy(file::load)
                .withMessage("the cost model " + file.path()
                        + " does not exist; measure this host with `ringfence calibrate`");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "null",
                "{\"format\": 1}",
                "not json",
            })
    void shouldRefuseWhatIsNoCostModel(String text) throws IOException {
        Path path = Files.writeString(folder.resolve("cost-model.json"), text);
        assertThatExceptionOfType(CostModelRefusedException.class)
                .isThrownBy(() -> new CostModelFile(path).load(HERE))
                .withMessageContaining("is no cost model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"p50Nanos\"", "\"perByte\"", "\"kernelRelease\"", "\"wakeUp\"", "\"samples\""})
    void shouldRefuseAMeasurementWithAPieceMissing(String name) throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(HERE));
        Files.writeString(file.path(), Files.readString(file.path()).replaceFirst(name, "\"other\""));
        assertThatExceptionOfType(CostModelRefusedException.class)
                .isThrownBy(() -> file.load(HERE))
                .withMessageContaining("is no cost model");
    }

    @Test
    void shouldRefuseCostsThatNothingCanHave() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(HERE));
        String text = Files.readString(file.path());
        assertThat(text).contains(": 60.0");
        Files.writeString(file.path(), text.replace(": 60.0", ": -60.0"));
        assertThatExceptionOfType(CostModelRefusedException.class).isThrownBy(() -> file.load(HERE));
    }

    @Test
    void shouldRefuseAFormatOfAnotherVersion() throws IOException {
        CostModelFile file = new CostModelFile(folder.resolve("cost-model.json"));
        file.store(measured(HERE));
        Files.writeString(file.path(), Files.readString(file.path()).replace("\"format\" : 1", "\"format\" : 2"));
        assertThatExceptionOfType(CostModelRefusedException.class)
                .isThrownBy(() -> file.load(HERE))
                .withMessageContaining("has format 2, expected 1");
    }

    @Test
    void shouldSayBeforehandThatAFileCannotBeWritten() throws IOException {
        Path occupied = Files.createFile(folder.resolve("file"));
        assertThatIOException()
                .isThrownBy(() -> new CostModelFile(occupied.resolve("cost-model.json")).requireWritable())
                .withMessageContaining(occupied + " is no folder");
        assertThatIOException()
                .isThrownBy(() -> new CostModelFile(folder).requireWritable())
                .withMessageContaining("is a folder");
        CostModelFile writable = new CostModelFile(folder.resolve("cost-model.json"));
        writable.requireWritable();
        assertThat(writable.path()).doesNotExist();
    }

    @Test
    void shouldMakeNoFoldersWhenNothingIsStoredYet() throws IOException {
        new CostModelFile(folder.resolve("new/folder/cost-model.json")).requireWritable();
        assertThat(folder).isEmptyDirectory();
    }

    /** Where root has all rights, and yet can write nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"/proc/x.json", "/proc/new/folder/x.json"})
    void shouldNameTheFileAskedForWhenItCannotBeWritten(String file) {
        assertThatIOException()
                .isThrownBy(() -> new CostModelFile(Path.of(file)).requireWritable())
                .withMessage(file + ": expected a file that can be written, but the kernel makes no files in the folder"
                        + " /proc; name another file");
    }

    @Test
    void shouldKnowThisHost() {
        HostIdentity current = HostIdentity.current();
        assertThat(current).isEqualTo(HostIdentity.current());
        assertThat(current.kernelRelease()).isNotEmpty();
        assertThat(current.jvm()).contains(System.getProperty("java.vm.version"));
        assertThat(current.jvmOptions()).contains("-XX:+UseZGC"); // from jvm.options, as in production
    }

    @Test
    void shouldCompareOptionsThatMatterOnly() {
        assertThat(HostIdentity.options(List.of(
                        "-Dkey=value", "-Xmx1g", "--add-opens=a/b=ALL-UNNAMED", "-XX:+UseZGC", "-Xlog:gc", "-Xint")))
                .containsExactly("-XX:+UseZGC", "-Xint");
    }

    @Test
    void shouldHoldForRunWithItsOwnOptions() throws IOException {
        Path file = Path.of(System.getProperty("ringfence.root"), "run.options");
        List<String> ofRun = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("-"))
                .toList();

        assertThat(ofRun).isNotEmpty();
        assertThat(HostIdentity.options(ofRun)).isEmpty();
    }

    private static CostMeasurement measured(HostIdentity host) {
        return new CostMeasurement(
                CostMeasurement.FORMAT,
                Instant.parse("2026-11-22T10:00:00Z"),
                host,
                new CostMeasurement.Circumstances(1, 40_000, 12, 2 << 20, 0.08),
                MODEL);
    }

    private static CostModel.Side side(double frame, double descriptor, double octet, double visit) {
        return new CostModel.Side(cost(frame), cost(2 * frame), cost(descriptor), cost(octet), cost(visit));
    }

    private static CostDistribution cost(double nanos) {
        return new CostDistribution(nanos, 1.5 * nanos, 2 * nanos);
    }
}
