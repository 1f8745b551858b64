package io.ringfence.config;

import java.nio.file.Path;

/**
 * Where the record of admissions, sessions and kept or broken guarantees is.
 *
 * @param directory absolute; whether it can be written to is known when it is opened
 * @param retainBytes how much is kept; the oldest is deleted first
 */
public record JournalSpec(Path directory, long retainBytes) {}
