package io.ringfence.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.terminal.Style;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScreenTest {
    private static final WorkerThread WORKER = new WorkerThread(
            "worker-victim", "1", new SchedulingAttributes(Policy.DEADLINE, true, false, 0, 150_000, 0, 500_000));
    private static final LatencyBars BARS = LatencyBars.in(StandardCharsets.UTF_8, 800_000);

    private final StringWriter text = new StringWriter();

    private void showAnAct(Style style) {
        Screen screen = new Screen(new PrintWriter(text), style, BARS);
        screen.introduce(new DemoNetwork(Path.of("/tmp"), 1, 4));
        screen.announce(Act.SHARED, true);
        screen.begin(WORKER);
        screen.sample(Samples.sample(0.5, false, 90));
        screen.over(Samples.phase(false, 20, 0, 90));
        screen.sample(Samples.sample(1, true, 410));
        screen.sample(Samples.sample(1.5, true, 5_000_000));
        screen.over(Samples.phase(true, 20, 0, 410, 5_000_000));
        screen.end();
    }

    @Test
    void shouldPrintPlainLinesWhenItIsNoTerminal() {
        showAnAct(Style.PLAIN);
        assertThat(text.toString())
                .doesNotContain("\u001b")
                .containsPattern("0\\.5 s +5,000 +20 us +90 us +900 us +0 +██\n")
                .containsPattern("1\\.5 s .* 100,000 +█{16}\n")
                .containsPattern("beside +5,000 +20 us ");
        assertThat(text.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void shouldPrintDashesWhereNoLatencyIsLeft() {
        Screen screen = new Screen(new PrintWriter(text), Style.PLAIN, BARS);
        screen.begin(WORKER);
        screen.sample(Samples.unmeasured(0.5, true));
        screen.over(Samples.unmeasured(true));
        screen.end();
        assertThat(text.toString())
                .containsPattern("0\\.5 s +5,000 +– +– +– +100,000\n")
                .containsPattern("beside +5,000 +– +– +– ")
                .doesNotContain("0.0 us");
        assertThat(BARS.columns(List.of(Samples.sample(0.5, false, 90), Samples.unmeasured(1, false))))
                .isEqualTo("▁ ");
    }

    @Test
    void shouldDrawTheTableOverItselfWhenItIsATerminal() {
        showAnAct(Style.TERMINAL);
        String shown = text.toString();
        // First drawn: a line that is now, and one of latency over time.
        assertThat(shown).contains("\u001b[2A", "\u001b[K");
        String last = shown.substring(shown.lastIndexOf("A"));
        assertThat(last).contains("alone", "beside", "▁│▅█").doesNotContain("now");
    }

    @Test
    void shouldNotSpeakOfReservationsWhereThereAreNone() {
        Screen screen = new Screen(new PrintWriter(text), Style.PLAIN, BARS);
        screen.announce(Act.RINGFENCE, false);
        assertThat(text.toString())
                .contains("3 of 3: the same neighbours, a thread for each VM", "no CPU time is reserved")
                .doesNotContain("under Ringfence");
    }

    @ParameterizedTest
    @CsvSource({"deadline-global,true,have reserved CPU time", "other,false,not what Ringfence promises"})
    void shouldNameTheSchedulingInForceWhenThePartitionIsRefused(String rung, boolean reserved, String said) {
        Screen screen = new Screen(new PrintWriter(text), Style.PLAIN, BARS);
        screen.refused("no cpuset");
        screen.goesOn(rung, reserved);
        assertThat(text.toString().replaceAll("\\s+", " ")).contains("no cpuset", "(scheduling: " + rung + ")", said);
    }

    @Test
    void shouldUseOtherSignsWhereTheCharacterSetHasNoBlocks() {
        LatencyBars bars = LatencyBars.in(StandardCharsets.US_ASCII, 800_000);
        assertThat(bars.columns(List.of(Samples.sample(0.5, false, 90), Samples.sample(1, true, 800))))
                .isEqualTo("_|#");
        assertThat(bars.row(Samples.sample(0.5, false, 400))).isEqualTo("########");
    }

    @Test
    void shouldBreakLinesBetweenWords() {
        assertThat(Screen.wrap("one two three four", 9)).containsExactly("one two", "three", "four");
    }

    @ParameterizedTest
    @CsvSource({"0,0.0 us", "9940,9.9 us", "9960,10 us", "999400,999 us", "999600,1.0 ms", "12345678,12 ms"})
    void shouldWriteTimesWithTheUnitThatFits(long nanos, String expected) {
        assertThat(Quantity.time(nanos)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"1,0.5,0.5", "10,2.5,0.5", "11,3,0.5", "600,150,10"})
    void shouldLetTheNeighboursComeBetweenTwoSamples(int seconds, double alone, double sample) {
        Timing timing = new Timing(seconds);
        assertThat(timing.aloneSeconds()).isEqualTo(alone);
        assertThat(timing.sampleSeconds()).isEqualTo(sample);
    }

    @Test
    void shouldTakeTheMiddleHalfOfReadingsForNoise() {
        Phase phase = Samples.phase(true, 20, 0, 900, 40, 41, 42, 43, 44, 45, 1);
        assertThat(phase.scatter()).isEqualTo(new Scatter(41_000, 44_000));
    }
}
