package io.ringfence.config.document;

import io.ringfence.config.document.YamlNode.Entry;
import io.ringfence.config.document.YamlNode.Kind;
import io.ringfence.config.document.YamlNode.Mapping;
import io.ringfence.config.document.YamlNode.Scalar;
import io.ringfence.config.document.YamlNode.Sequence;
import io.ringfence.config.document.YamlNode.Unusable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Turns the text of one YAML 1.2 document into {@link YamlNode}s.
 *
 * <p>Built from parser events rather than from the parser's own node graph, because there aliases are resolved already:
 * an alias could not be told from what it stands for, nor a bomb of them be refused where it stands.
 */
public final class YamlTree {
    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setSchema(new CoreSchema()).setUseMarks(true).build();

    /** Deeper than any key of ours; keeps the recursion below shallow. */
    private static final int DEPTH_MAX = 32;

    private final Iterator<Event> events;
    private final Problems problems;

    private YamlTree(Iterator<Event> events, Problems problems) {
        this.events = events;
        this.problems = problems;
    }

    /** Returns the root of the document in {@code text}; empty, with the reason in {@code problems}, if it has none. */
    public static Optional<YamlNode> parse(String text, Problems problems) {
        try {
            return new YamlTree(new Parse(SETTINGS).parseString(text).iterator(), problems).document();
        } catch (MarkedYamlEngineException e) {
            Mark mark =
                    e.getProblemMark().or(e::getContextMark).map(YamlTree::mark).orElse(Mark.START);
            syntaxError(mark, e.getProblem(), problems);
        } catch (ReaderException e) {
            syntaxError(Mark.of(text, e.getPosition()), "the character U+%04X".formatted(e.getCodePoint()), problems);
        } catch (YamlEngineException e) {
            syntaxError(Mark.START, String.valueOf(e.getMessage()), problems);
        }
        return Optional.empty();
    }

    private static void syntaxError(Mark mark, String found, Problems problems) {
        String oneLine = found.lines().findFirst().orElse("a syntax error").replaceFirst("^found ", "");
        problems.add(mark, "", oneLine, "well-formed YAML 1.2", "correct the syntax; nothing after it was read");
    }

    private Optional<YamlNode> document() {
        Optional<YamlNode> root = Optional.empty();
        while (events.hasNext()) {
            Event event = events.next();
            if (!(event instanceof NodeEvent nodeEvent)) {
                continue;
            }
            if (root.isPresent()) {
                problems.add(mark(event), "", "a second document", "one document", "remove the `---` and what follows");
                return root;
            }
            root = Optional.of(node(nodeEvent, "", 0));
        }
        if (root.isEmpty()) {
            problems.add(Mark.START, "", "an empty file", "a mapping", "start from the commented example file");
        }
        return root;
    }

    private YamlNode node(NodeEvent event, String path, int depth) {
        refuseAnchor(event, path);
        if (depth == DEPTH_MAX && event instanceof CollectionStartEvent) {
            // Reading on to its end would take the parser time that grows with the square of the depth.
            throw new ParserException("more than " + DEPTH_MAX + " levels of nesting", event.getStartMark());
        }
        return switch (event) {
            case ScalarEvent scalar -> scalar(scalar, path);
            case SequenceStartEvent start -> sequence(start, path, depth);
            case MappingStartEvent start -> mapping(start, path, depth);
            default -> new Unusable(mark(event)); // an alias, refused above
        };
    }

    private Scalar scalar(ScalarEvent event, String path) {
        event.getTag().ifPresent(tag -> refuseTag(event, tag, path));
        return new Scalar(mark(event), kind(event), event.getValue());
    }

    private static Kind kind(ScalarEvent event) {
        Tag tag = SETTINGS.getSchema().getScalarResolver().resolve(event.getValue(), event.isPlain());
        if (tag.equals(Tag.INT)) {
            return Kind.INTEGER;
        } else if (tag.equals(Tag.FLOAT)) {
            return Kind.DECIMAL;
        } else if (tag.equals(Tag.BOOL)) {
            return Kind.BOOLEAN;
        }
        return tag.equals(Tag.NULL) ? Kind.NULL : Kind.TEXT;
    }

    private Sequence sequence(SequenceStartEvent start, String path, int depth) {
        start.getTag().ifPresent(tag -> refuseTag(start, tag, path));
        List<YamlNode> elements = new ArrayList<>();
        while (events.next() instanceof NodeEvent element) {
            elements.add(node(element, path + "[" + elements.size() + "]", depth + 1));
        }
        return new Sequence(mark(start), List.copyOf(elements));
    }

    private Mapping mapping(MappingStartEvent start, String path, int depth) {
        start.getTag().ifPresent(tag -> refuseTag(start, tag, path));
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (events.next() instanceof NodeEvent keyEvent) {
            YamlNode key = node(keyEvent, path, depth + 1);
            String name = key instanceof Scalar scalar ? scalar.text() : "";
            YamlNode value = node((NodeEvent) events.next(), Quote.path(path, name), depth + 1);
            if (key instanceof Scalar) {
                add(entries, new Entry(key.mark(), name, value), path);
            } else if (!(key instanceof Unusable)) {
                problems.add(key.mark(), path, key.description() + " as a key", "a name", "write `name: value`");
            }
        }
        return new Mapping(mark(start), List.copyOf(entries.values()));
    }

    private void add(Map<String, Entry> entries, Entry entry, String path) {
        Entry first = entries.putIfAbsent(entry.key(), entry);
        if (first != null) {
            String found = "the key %s again, after line %d"
                    .formatted(Quote.quote(entry.key()), first.mark().line());
            problems.add(entry.mark(), path, found, "every key at most once", "remove one of the two");
        }
    }

    private void refuseAnchor(NodeEvent event, String path) {
        event.getAnchor().ifPresent(anchor -> {
            boolean alias = event instanceof AliasEvent;
            String found =
                    (alias ? "the alias " : "the anchor ") + Quote.quote((alias ? "*" : "&") + anchor.getValue());
            problems.add(mark(event), path, found, "neither anchors nor aliases", "write the value out");
        });
    }

    private void refuseTag(NodeEvent event, String tag, String path) {
        problems.add(mark(event), path, "the tag " + Quote.quote(tag), "no tags", "remove the tag");
    }

    private static Mark mark(Event event) {
        return event.getStartMark().map(YamlTree::mark).orElse(Mark.START);
    }

    private static Mark mark(org.snakeyaml.engine.v2.exceptions.Mark mark) {
        return new Mark(mark.getLine() + 1, mark.getColumn() + 1);
    }
}
