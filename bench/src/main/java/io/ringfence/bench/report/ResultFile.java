package io.ringfence.bench.report;

import io.ringfence.bench.traffic.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.SerializationFeature;

/** Results as JSON, for whoever wants to compute with them. */
public final class ResultFile {
    private ResultFile() {}

    /** Writes a record, with lines and indentation. */
    public static void write(Path file, Object result) throws IOException {
        Files.writeString(
                file, Json.MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(result) + "\n");
    }
}
