package io.ringfence.config.document;

import java.util.List;

/** A value of the document and where it stands. */
public sealed interface YamlNode {
    /** Returns the position of the value's first character. */
    Mark mark();

    /** Returns what this is, as the "found" of a message. */
    String description();

    /** What a scalar is by the core schema of YAML 1.2 (section 10.3). */
    enum Kind {
        TEXT("the text"),
        INTEGER("the plain number"),
        DECIMAL("the plain number"),
        BOOLEAN("the boolean"),
        NULL("nothing");

        private final String description;

        Kind(String description) {
            this.description = description;
        }
    }

    /** A single value, with its text as written (quotes and escapes resolved). */
    record Scalar(Mark mark, Kind kind, String text) implements YamlNode {
        @Override
        public String description() {
            if (text.isEmpty()) {
                return kind == Kind.TEXT ? "an empty text" : kind.description;
            }
            return kind.description + " " + Quote.quote(text);
        }
    }

    /** A list. */
    record Sequence(Mark mark, List<YamlNode> elements) implements YamlNode {
        @Override
        public String description() {
            return "a list";
        }
    }

    /** A mapping; its keys are texts, each there once. */
    record Mapping(Mark mark, List<Entry> entries) implements YamlNode {
        @Override
        public String description() {
            return "a mapping";
        }
    }

    /** Something that has been reported already and is passed over in silence. */
    record Unusable(Mark mark) implements YamlNode {
        @Override
        public String description() {
            return "something unusable";
        }
    }

    /** A key of a mapping with its value; {@code mark} is that of the key. */
    record Entry(Mark mark, String key, YamlNode value) {}
}
