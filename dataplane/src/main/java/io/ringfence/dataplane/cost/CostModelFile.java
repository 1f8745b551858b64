package io.ringfence.dataplane.cost;

import io.ringfence.scheduler.CostModel;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
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
        return new CostModelRefusedException("the cost model " + file + " " + what);
    }

    /**
     * Makes sure that {@link #store} will be able to write, so that nobody measures in vain; leaves nothing behind.
     *
     * @throws IOException if the file could not be written; its message names the file, and says why not
     */
    public void requireWritable() throws IOException {
        Path folder = folder();
        // Where folders are still to be made, the nearest there is.
        while (!Files.exists(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        Files.delete(temporary(folder));
    }

    /**
     * Stores a measurement, in a folder that is made if need be; another process sees the old one or the new one, never half
     * of it.
     */
    public void store(CostMeasurement measurement) throws IOException {
        Path folder = folder();
        try {
            Files.createDirectories(folder);
        } catch (IOException refused) {
            throw unwritable("the folder %s cannot be made (%s);".formatted(folder, refused), refused);
        }
        Path written = temporary(folder);
        try {
            Files.write(written, JSON.writeValueAsBytes(measurement));
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /** The one that it is in, or will be. */
    private Path folder() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw unwritable("it is a folder;", null);
        }
        return folder;
    }

    /** A new file beside it. */
    private Path temporary(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw unwritable(folder + " is no folder;", null);
        }
        try {
            // Readable for all: `check` needs no rights.
            return Files.createTempFile(
                    folder,
                    ".cost-model",
                    ".json",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        } catch (AccessDeniedException denied) {
            throw unwritable("the folder %s may not be written; run as root, or".formatted(folder), denied);
        } catch (NoSuchFileException impossible) {
            // The folder is there: it is one of the kernel's own, such as /proc.
            throw unwritable("the kernel makes no files in the folder %s;".formatted(folder), impossible);
        } catch (FileSystemException refused) {
            throw unwritable("the folder %s takes no file (%s);".formatted(folder, refused.getReason()), refused);
        }
    }

    /** In words for the operator, who did not name the file that was tried. */
    private IOException unwritable(String why, @Nullable IOException cause) {
        return new IOException(
                "%s: expected a file that can be written, but %s name another file".formatted(file, why), cause);
    }
}
