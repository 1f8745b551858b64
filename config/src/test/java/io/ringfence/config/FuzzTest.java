package io.ringfence.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.document.Mark;
import io.ringfence.config.document.Problem;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the text, a configuration or a list of problems inside the document comes out. */
class FuzzTest {
    private static final int MUTANTS_PER_SEED = 1_000;
    private static final List<String> TOKENS = List.of(
            ":",
            "- ",
            "? ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "&a ",
            "*a",
            "!!int ",
            "!x ",
            "|\n",
            ">\n",
            "'",
            "\"",
            "\\x",
            "%",
            "@",
            "\n",
            "\n\n",
            "  ",
            "\t",
            "---\n",
            "...\n",
            "#",
            "~",
            "null",
            "true",
            ".inf",
            "0x1",
            "-1",
            "1e9",
            "<<: ",
            "\0",
            "\uFEFF",
            "\uD800",
            "\u2028",
            "\u0085",
            "\r",
            "999999999999999999999us",
            "\uD83D\uDE00");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldEitherAcceptOrLocateTheProblemWhenTheExampleIsMutated(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<String> lines = Examples.resource("example.yaml")
                .lines()
                .filter(line -> !line.strip().startsWith("#"))
                .toList();

        int refused = IntStream.range(0, MUTANTS_PER_SEED)
                .map(mutant -> isRefused(mutate(lines, random)) ? 1 : 0)
                .sum();

        assertThat(refused).isBetween(MUTANTS_PER_SEED / 2, MUTANTS_PER_SEED - 1);
    }

    private static boolean isRefused(String text) {
        try {
            Configuration.parse(text, "f.yaml");
            return false;
        } catch (ConfigurationException e) {
            Mark end = new Mark(text.split("\r\n|[\r\n\u0085\u2028\u2029]", -1).length + 1, 1);
            assertThat(e.problems()).as(text).isNotEmpty();
            for (Problem problem : e.problems()) {
                assertThat(problem.mark()).as(text).isBetween(Mark.START, end);
            }
            assertThat(String.valueOf(e.getMessage()).lines()).as(text).allMatch(line -> line.startsWith("f.yaml:"));
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("on the text:\n" + text, e);
        }
    }

    /** Returns the document after one to three changes of lines, characters or syntax. */
    private static String mutate(List<String> lines, RandomGenerator random) {
        String text = lines.stream().collect(Collectors.joining("\n", "", "\n"));
        for (int change = random.nextInt(1, 4); change > 0; change--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(1, 12));
            String token = TOKENS.get(random.nextInt(TOKENS.size()));
            String line = lines.get(random.nextInt(lines.size()));
            text = switch (random.nextInt(6)) {
                case 0 -> text.substring(0, at) + text.substring(end);
                case 1 -> text.substring(0, at) + token + text.substring(at);
                case 2 -> text.substring(0, at) + token + text.substring(end);
                case 3 -> text.substring(0, at) + "\n" + line + "\n" + text.substring(at);
                case 4 -> text.substring(0, at) + (char) random.nextInt(' ', '\u0180') + text.substring(end);
                default -> text.substring(0, at);
            };
        }
        return text;
    }
}
