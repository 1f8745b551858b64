package io.ringfence.config.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuoteTest {
    @Test
    void shouldKeepTerminalsSafe() {
        assertThat(Quote.quote("a\u001b[31m\n\u202e\uD800\u2028b"))
                .isEqualTo("`a\\u{1b}[31m\\u{a}\\u{202e}\\u{d800}\\u{2028}b`");
    }

    @Test
    void shouldShortenLongTexts() {
        assertThat(Quote.quote("x".repeat(1_000))).isEqualTo("`" + "x".repeat(60) + "...`");
        assertThat(Quote.quote("caf\u00e9 \uD83D\uDE00")).isEqualTo("`caf\u00e9 \uD83D\uDE00`");
    }
}
