package io.ringfence.config;

import io.ringfence.config.document.ChoiceType;
import io.ringfence.config.document.IntegerType;
import io.ringfence.config.document.Key;
import io.ringfence.config.document.ListType;
import io.ringfence.config.document.QuantityType;
import io.ringfence.config.document.SectionType;
import io.ringfence.config.document.TextType;
import io.ringfence.config.document.Type;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes the JSON schema (draft 2020-12) for editors from the definitions that the parser works from. */
final class SchemaGenerator {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private SchemaGenerator() {}

    static String generate() {
        ObjectNode root = JSON.createObjectNode();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", "Ringfence configuration");
        describe(root, ConfigurationFile.FILE);
        return JSON.writeValueAsString(root).replace("\r\n", "\n") + "\n";
    }

    private static void describe(ObjectNode schema, Type<?> type) {
        switch (type) {
            case IntegerType integer -> {
                schema.put("type", "integer");
                schema.put("minimum", integer.min());
                schema.put("maximum", integer.max());
            }
            case ChoiceType<?> choice -> {
                ArrayNode words = schema.putArray("enum");
                choice.words().forEach(words::add);
            }
            case TextType<?> text -> {
                schema.put("type", "string");
                ArrayNode rules = schema.putArray("allOf");
                text.rules()
                        .forEach(rule -> rules.addObject()
                                .put("pattern", whole(rule.pattern().pattern())));
            }
            case QuantityType quantity -> {
                schema.put("type", "string");
                schema.put("pattern", whole(quantity.pattern()));
            }
            case ListType<?> list -> {
                schema.put("type", "array");
                schema.put("minItems", list.min());
                if (list.unique()) {
                    schema.put("uniqueItems", true);
                }
                describe(schema.putObject("items"), list.element());
            }
            case SectionType section -> describeSection(schema, section);
        }
    }

    private static void describeSection(ObjectNode schema, SectionType section) {
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        ArrayNode required = schema.putArray("required");
        section.keys().stream().filter(Key::isRequired).forEach(key -> required.add(key.name()));
        describeChoice(schema, "oneOf", section.alternatives());
        describeChoice(schema, "anyOf", section.needed());
        ObjectNode properties = schema.putObject("properties");
        section.keys().forEach(key -> describeKey(properties.putObject(key.name()), key));
    }

    private static void describeChoice(ObjectNode schema, String keyword, List<Key<?>> keys) {
        if (!keys.isEmpty()) {
            ArrayNode choice = schema.putArray(keyword);
            keys.forEach(key -> choice.addObject().putArray("required").add(key.name()));
        }
    }

    private static <T> void describeKey(ObjectNode schema, Key<T> key) {
        schema.put("description", sentence(key));
        key.fallback().ifPresent(value -> schema.putPOJO("default", key.type().written(value)));
        describe(schema, key.type());
        if (key.unserved().isPresent()) {
            // An editor shows the shape and refuses the key, as the parser does.
            schema.putObject("not");
        }
    }

    private static String sentence(Key<?> key) {
        String limits = switch (key.type()) {
            case QuantityType quantity -> "; " + quantity.expected();
            case TextType<?> text -> "; " + text.expected();
            default -> "";
        };
        String remedy = key.unserved().map(reason -> " (" + reason + ")").orElse("");
        return key.description().substring(0, 1).toUpperCase(Locale.ROOT)
                + key.description().substring(1)
                + limits
                + remedy;
    }

    private static String whole(String regex) {
        return "^(?:" + regex + ")$";
    }
}
