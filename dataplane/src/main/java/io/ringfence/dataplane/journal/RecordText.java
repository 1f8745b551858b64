package io.ringfence.dataplane.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** Records as one line of JSON each. */
public final class RecordText {
    private static final JsonMapper COMPLETE = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_INVALID_SUBTYPE)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    /** An idle second of a VM is some 150 bytes instead of 500. */
    private static final JsonMapper SHORT = COMPLETE.rebuild()
            .changeDefaultPropertyInclusion(
                    ignored -> JsonInclude.Value.construct(JsonInclude.Include.NON_DEFAULT, JsonInclude.Include.ALWAYS))
            .build();

    private RecordText() {}

    /** With every field, for other programs. */
    public static String complete(JournalRecord entry) {
        return COMPLETE.writeValueAsString(entry);
    }

    /** Without fields that are 0, null or empty, as it is stored. */
    static String stored(JournalRecord entry) {
        return SHORT.writeValueAsString(entry);
    }

    /** Reads either; null if it is of a kind that this version does not know, or damaged. */
    static @Nullable JournalRecord parse(String text) {
        try {
            return COMPLETE.readValue(text, JournalRecord.class);
        } catch (JacksonException damaged) {
            return null;
        }
    }
}
