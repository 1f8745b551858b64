package io.ringfence.bench.report;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.List;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A part of a report, which {@link TextReport} and {@link HtmlReport} show each in its way. */
public sealed interface Block {
    /** Begins a part. */
    record Heading(String text) implements Block {}

    /** A paragraph. */
    record Prose(String text) implements Block {}

    /** A table; the first column holds words, the others numbers. */
    record Grid(List<String> columns, List<List<String>> rows) implements Block {
        public Grid {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }

    /**
     * Figures side by side, as bars with their ranges.
     *
     * @param unit of all of them
     * @param target a value to be marked, empty for none
     */
    record Bars(String title, String unit, int decimals, List<Bar> bars, OptionalDouble target) implements Block {
        public Bars {
            bars = List.copyOf(bars);
        }
    }

    /**
     * One bar.
     *
     * @param figure null if there is none
     * @param absence why there is none
     */
    record Bar(String label, @Nullable Figure figure, String absence) {
        public Bar(String label, Figure figure) {
            this(label, figure, "");
        }

        /** Where nothing could be measured. */
        public static Bar absent(String label, String why) {
            return new Bar(label, null, why);
        }
    }

    /** Latency by percentile, on logarithmic axes. */
    record Curves(String title, List<Curve> curves) implements Block {
        public Curves {
            curves = List.copyOf(curves);
        }
    }

    /**
     * One curve.
     *
     * @param nanoseconds the latencies, all calm rounds together
     */
    record Curve(String label, Histogram nanoseconds) {}

    /**
     * Values by a parameter: the parameter on a logarithmic axis, the values on one that begins at 0.
     *
     * @param parameter what changes, with its unit
     * @param value what is measured, with its unit
     */
    record Graph(String title, String parameter, String value, List<Trace> traces) implements Block {
        public Graph {
            traces = List.copyOf(traces);
        }
    }

    /** One line in a {@link Graph}. */
    record Trace(String label, List<Point> points) {
        public Trace {
            points = List.copyOf(points);
        }
    }

    /** A point of a {@link Trace}; {@code parameter} is above 0. */
    record Point(double parameter, double value) {}

    /**
     * The p50 and p99 of latencies in the course of a run.
     *
     * @param markSeconds where something happened, such as a neighbour's start; empty for nowhere
     * @param mark what happened there
     */
    record Course(String title, List<Line> lines, OptionalDouble markSeconds, String mark) implements Block {
        public Course {
            lines = List.copyOf(lines);
        }
    }

    /** One run in a {@link Course}. */
    record Line(String label, List<Slice> slices) {
        public Line {
            slices = List.copyOf(slices);
        }
    }
}
