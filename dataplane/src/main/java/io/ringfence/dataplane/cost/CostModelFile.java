package io.ringfence.dataplane.cost;

import io.ringfence.scheduler.CostModel;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Where {@code ringfence calibrate} leaves the cost model of this host, as JSON, and where the others find it. */
public final class CostModelFile {
    /** Where it is unless the operator says otherwise. */
    public static final Path DEFAULT = Path.of("/var/lib/ringfence/cost-model.json");

    private static final String REMEDY = "; measure this host with `ringfence calibrate`";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final Path file;

    /** Names a file; nothing is read or written yet. */
    public CostModelFile(Path file) {
        this.file = file;
    }

    /** Its path. */
    public Path path() {
        return file;
    }

    /**
     * Reads the cost model of this host.
     *
     * @throws CostModelRefusedException if there is none, or if it was measured on anything else than this host, kernel,
     *     JVM and version of Ringfence
     */
    public CostModel load() {
        return load(HostIdentity.current());
    }

    CostModel load(HostIdentity here) {
        CostMeasurement measurement = read();
        List<String> differences = here.differencesFrom(measurement.host());
        if (!differences.isEmpty()) {
            throw refused("is stale: since it was measured (%s) these have changed: %s"
                    .formatted(measurement.measuredAt(), String.join("; ", differences)));
        }
        return measurement.costs();
    }

    /**
     * Reads what is stored, wherever it was measured.
     *
     * @throws CostModelRefusedException if there is nothing, or something else
     */
    public CostMeasurement read() {
        try {
            @Nullable CostMeasurement measurement = JSON.readValue(Files.readAllBytes(file), CostMeasurement.class);
            if (measurement == null) {
                throw refused("is no cost model (it is null)");
            }
            if (measurement.format() != CostMeasurement.FORMAT) {
                throw refused("has format %d, expected %d".formatted(measurement.format(), CostMeasurement.FORMAT));
            }
            return measurement;
        } catch (NoSuchFileException absent) {
            throw refused("does not exist");
        } catch (IOException unreadable) {
            throw refused("cannot be read (" + unreadable + ")");
        } catch (JacksonException malformed) {
            throw refused("is no cost model (" + malformed.getOriginalMessage() + ")");
        }
    }

    private CostModelRefusedException refused(String what) {
        return new CostModelRefusedException("the cost model " + file + " " + what + REMEDY);
    }

    /**
     * Makes sure that {@link #store} will be able to write, so that nobody measures in vain; creates the folder.
     *
     * @throws IOException if the file could not be written, saying why
     */
    public void requireWritable() throws IOException {
        Files.delete(temporary());
    }

    /** Stores a measurement; another process sees the old one or the new one, never half of it. */
    public void store(CostMeasurement measurement) throws IOException {
        Path written = temporary();
        try {
            Files.write(written, JSON.writeValueAsBytes(measurement));
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /** A new file beside it. */
    private Path temporary() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new IOException(file + " is a folder; name a file");
        }
        try {
            Files.createDirectories(folder);
            // Readable for all: `check` needs no rights.
            return Files.createTempFile(
                    folder,
                    ".cost-model",
                    ".json",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        } catch (AccessDeniedException denied) {
            throw new AccessDeniedException(
                    denied.getFile(), null, "may not be written; run as root, or name another file (--cost-model)");
        }
    }
}
