package dev.millrace.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ResourceMonitorTest {
    private static final Duration FAST = Duration.ofMillis(50);

    @TempDir
    Path folder;

    private final Recorded recorded = new Recorded();

    private MonitorSettings fast() {
        return MonitorSettings.defaults().withInterval(FAST).withFolder(folder).withGpus(false);
    }

    private static List<String> monitorThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("millrace-monitor") || name.startsWith("millrace-gpu"))
                .toList();
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the memory of other processes is told on Linux only")
    void machine_isMeasuredUnderTheNamesAndUnitsOfTheContract() throws Exception {
        try (ResourceMonitor monitor = ResourceMonitor.of(recorded, fast()).start()) {
            assertThat(Recorded.until(() -> recorded.of("cpu/process_tree").size() > 3))
                    .isTrue();
            assertThat(monitor.cost().failures()).isZero();
        }
        assertThat(recorded.units())
                .containsEntry("cpu/system_total", "percent")
                .containsEntry("cpu/process_tree", "percent")
                .containsEntry("ram/system_total", "percent")
                .containsEntry("ram/system_used", "MiB")
                .containsEntry("ram/process_tree", "percent")
                .containsEntry("ram/process_tree_used", "MiB")
                .containsEntry("jvm/heap_used", "MiB")
                .containsEntry("jvm/heap_committed", "MiB")
                .containsEntry("jvm/non_heap_used", "MiB")
                .containsEntry("jvm/direct_used", "MiB")
                .containsEntry("jvm/gc_time", "percent")
                .containsEntry("disk/free", "GiB")
                .containsEntry("disk/used", "percent")
                .hasSize(13);
        assertThat(recorded.of("ram/system_total")).allMatch(percent -> percent > 0 && percent <= 100);
        double heap = recorded.of("jvm/heap_used").get(0);
        assertThat(recorded.of("jvm/heap_committed").get(0)).isGreaterThanOrEqualTo(heap);
        assertThat(recorded.of("ram/process_tree_used").get(0))
                .isBetween(20.0, recorded.of("ram/system_used").get(0) * 1.5);
        assertThat(recorded.of("disk/free").get(0))
                .isBetween(0.0, folder.toFile().getTotalSpace() / (double) (1 << 30));
    }

    @Test
    void load_ofThisProcess_showsInTheTreeAndInTheSystem() throws Exception {
        try (ResourceMonitor monitor = ResourceMonitor.of(recorded, fast()).start()) {
            int cores = Runtime.getRuntime().availableProcessors();
            long sink = 0;
            boolean seen = false;
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (!seen && System.nanoTime() < deadline) {
                for (int i = 0; i < 20_000_000; i++) {
                    sink += i ^ sink;
                }
                // Other programs share the machine: a quarter of one core is asked for.
                seen = recorded.of("cpu/process_tree").stream().anyMatch(percent -> percent > 25.0 / cores)
                        && recorded.of("cpu/system_total").stream().anyMatch(percent -> percent > 25.0 / cores);
            }
            assertThat(seen).as("load seen, %s", sink).isTrue();
            assertThat(recorded.of("cpu/process_tree")).allMatch(percent -> percent >= 0 && percent <= 100);
            assertThat(monitor.recent()).isNotEmpty();
        }
    }

    @Test
    void memory_outsideTheHeap_showsUp() throws Exception {
        try (ResourceMonitor monitor = ResourceMonitor.of(recorded, fast()).start()) {
            assertThat(Recorded.until(() -> !recorded.of("jvm/direct_used").isEmpty()))
                    .isTrue();
            double before = recorded.of("jvm/direct_used").get(0);
            ByteBuffer memory = ByteBuffer.allocateDirect(64 << 20);
            assertThat(Recorded.until(
                            () -> recorded.of("jvm/direct_used").stream().anyMatch(used -> used >= before + 60)))
                    .isTrue();
            assertThat(memory.capacity()).isPositive();
            assertThat(monitor.cost().failures()).isZero();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "the kernel's account is on Linux only")
    void proportionalMemory_ofTheTree_isAtMostTheResidentOne() throws Exception {
        MonitorSettings proportional = fast().withProcessMemory(MonitorSettings.ProcessMemory.PROPORTIONAL);
        Recorded resident = new Recorded();
        try (ResourceMonitor first = ResourceMonitor.of(resident, fast()).start();
                ResourceMonitor second =
                        ResourceMonitor.of(recorded, proportional).start()) {
            assertThat(Recorded.until(
                            () -> !resident.of("ram/process_tree_used").isEmpty()
                                    && !recorded.of("ram/process_tree_used").isEmpty()))
                    .isTrue();
            assertThat(recorded.of("ram/process_tree_used").get(0))
                    .isBetween(20.0, resident.of("ram/process_tree_used").get(0) * 1.2);
            assertThat(first.cost().failures() + second.cost().failures()).isZero();
        }
    }

    @Test
    void probe_thatFails_givesNoValuesAndHarmsNoOther() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        Probe broken = new Probe() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public void sample(ResourceRecorder into) throws IOException {
                throw new IOException("the sensor is gone");
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
        Probe unknowing = new Probe() {
            @Override
            public String name() {
                return "unknowing";
            }

            @Override
            public void sample(ResourceRecorder into) {
                into.resource("test", "unknown", "percent", Double.NaN);
                throw new IllegalStateException("no idea");
            }
        };
        ResourceMonitor monitor = ResourceMonitor.of(
                        recorded, fast(), () -> List.of(broken, unknowing, new JvmProbe()), () -> null)
                .start();
        assertThat(Recorded.until(() -> recorded.of("jvm/heap_used").size() > 3))
                .isTrue();
        monitor.close();
        assertThat(recorded.units().keySet()).allMatch(metric -> metric.startsWith("jvm/"));
        assertThat(monitor.cost().failures()).isGreaterThanOrEqualTo(6);
        assertThat(closed).hasValue(1);
    }

    @Test
    void recorder_thatIsClosed_reachesNobody() throws Exception {
        ResourceMonitor monitor = ResourceMonitor.of(
                        (type, name, unit, value) -> {
                            throw new IllegalStateException("closed");
                        },
                        fast())
                .start();
        assertThat(Recorded.until(() -> monitor.cost().samples() > 2)).isTrue();
        assertThat(monitor.recent()).isNotEmpty();
        monitor.close();
        assertThat(monitor.cost().values()).isZero();
    }

    @Test
    void closing_endsTheThreads_andStartingAgainGoesOn() throws Exception {
        ResourceMonitor monitor =
                ResourceMonitor.of(recorded, fast().withGpus(true)).start().start();
        assertThat(Recorded.until(() -> monitor.cost().samples() > 1)).isTrue();
        monitor.close();
        monitor.close();
        assertThat(Recorded.until(() -> monitorThreads().isEmpty())).isTrue();
        int before = recorded.of("jvm/heap_used").size();
        monitor.start();
        assertThat(Recorded.until(() -> recorded.of("jvm/heap_used").size() > before + 1))
                .isTrue();
        monitor.close();
        assertThat(Recorded.until(() -> monitorThreads().isEmpty())).isTrue();
    }

    @Test
    void shortLife_betweenTwoSamples_isMeasuredAtItsEnd() throws Exception {
        MonitorSettings slow = fast().withInterval(Duration.ofMinutes(1));
        ResourceMonitor monitor = ResourceMonitor.of(recorded, slow).start();
        assertThat(Recorded.until(() -> monitor.cost().samples() == 1)).isTrue();
        Thread.sleep(150);
        monitor.close();
        assertThat(recorded.of("jvm/heap_used")).hasSize(2);
        assertThat(recorded.of("cpu/process_tree")).hasSize(1);
    }

    @Test
    void recent_keepsAMinuteInOrderOfTime() {
        RecentSamples recent = new RecentSamples(1000);
        for (int second = 0; second < 200; second++) {
            recent.add(second * 1000L, "cpu", "system_total", "percent", second);
            recent.add(second * 1000L, "ram", "system_total", "percent", second);
        }
        List<ResourceSample> samples = recent.since(199_000);
        assertThat(samples).hasSize(120);
        assertThat(samples).isSortedAccordingTo((one, other) -> Long.compare(one.timeMillis(), other.timeMillis()));
        assertThat(samples.get(0).value()).isEqualTo(140);
        assertThat(samples.get(119)).isEqualTo(new ResourceSample(199_000, "ram", "system_total", "percent", 199));
    }

    @Test
    void interval_outOfRange_isRefused() {
        assertThatThrownBy(() -> MonitorSettings.defaults().withInterval(Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("50 ms to 1 h");
    }

    /** Not timed: prints what watching costs, and asserts only that it is accounted for. */
    @Test
    @Tag("campaign")
    @EnabledOnOs(OS.LINUX)
    void cost_withAndWithoutChildren_isMeasured() throws Exception {
        for (int children : new int[] {0, 20}) {
            List<Process> started = new ArrayList<>();
            try {
                for (int i = 0; i < children; i++) {
                    started.add(new ProcessBuilder("sleep", "600").start());
                }
                MonitorSettings settings = MonitorSettings.defaults().withFolder(folder);
                MonitorCost cost;
                try (ResourceMonitor monitor =
                        ResourceMonitor.of(recorded, settings).start()) {
                    Thread.sleep(65_000);
                    cost = monitor.cost();
                }
                System.out.printf("%d children: %s, %.3f %% of a core%n", children, cost, cost.percentOfCore());
                assertThat(cost.samples()).isGreaterThanOrEqualTo(60);
                assertThat(cost.cpuSeconds()).isPositive();
            } finally {
                started.forEach(Process::destroyForcibly);
            }
        }
    }
}
