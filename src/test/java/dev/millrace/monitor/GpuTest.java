package dev.millrace.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs({OS.LINUX, OS.MAC})
class GpuTest {
    private static final Duration FAST = Duration.ofMillis(50);

    @TempDir
    Path folder;

    private final Recorded recorded = new Recorded();

    private String searchPath(String script) throws IOException {
        Path program = folder.resolve("nvidia-smi");
        Files.writeString(program, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0, NVIDIA H200, 37, 1024, 143771, 41, 120.53 | 0 | NVIDIA H200 | 37 | 0.7123 | 41 | 120.53",
                "11, Tesla V100-SXM2-16GB, 0, 0, 16160, 30, 42.01 | 11 | Tesla V100-SXM2-16GB | 0 | 0 | 30 | 42.01",
                "1, Quadro, Special Edition, 5, 10, 100, 55, 9.5 | 1 | Quadro, Special Edition | 5 | 10 | 55 | 9.5",
                "0, NVIDIA A100 80GB PCIe, [N/A], 512, 81920, 33, 60 | 0 | NVIDIA A100 80GB PCIe | NaN | 0.625 | 33 | 60",
                "2, GeForce GT 710, [Not Supported], 10, 0, 44, [Not Supported] | 2 | GeForce GT 710 | NaN | NaN | 44 | NaN",
                "3, GPU, [GPU is lost], [GPU is lost], [GPU is lost], ERR!, [Unknown Error] | 3 | GPU | NaN | NaN | NaN | NaN",
            })
    void line_ofNvidiaSmi_isRead(
            String line, int index, String name, double utilization, double memory, double temperature, double power) {
        GpuReading reading = SmiSource.parse(line);
        assertThat(reading).isNotNull();
        assertThat(reading.index()).isEqualTo(index);
        assertThat(reading.name()).isEqualTo(name);
        assertThat(new double[] {reading.utilization(), reading.temperature(), reading.power()})
                .containsExactly(utilization, temperature, power);
        if (Double.isNaN(memory)) {
            assertThat(reading.memory()).isNaN();
        } else {
            assertThat(reading.memory()).isCloseTo(memory, within(1e-3));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "No devices were found",
                "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
                "Unable to determine the device handle for GPU 0000:01:00.0: Unknown Error",
                "index, name, utilization.gpu [%], memory.used [MiB], memory.total [MiB], temperature.gpu, power.draw [W]",
                "-1, GPU, 1, 2, 3, 4, 5",
                "0, 1, 2, 3"
            })
    void line_thatIsNoReading_isLeftOut(String line) {
        assertThat(SmiSource.parse(line)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NVIDIA H200 | NVIDIA_H200",
                "Tesla V100-SXM2-16GB | Tesla_V100-SXM2-16GB",
                "' (evil)/../name:7; ' | evil_.._name_7",
                "'\u001b[31m' | 31m",
                "'  ' | GPU"
            })
    void name_ofADevice_becomesOneOfAMetric(String device, String expected) {
        assertThat(GpuReading.metricName(device)).isEqualTo(expected);
    }

    @Test
    void nvidiaSmi_ofTwoDevices_isRecordedAndKilledOnClose() throws Exception {
        String path = searchPath("""
                echo $$ > "$(dirname "$0")/pid"
                echo "$@" > "$(dirname "$0")/arguments"
                while :; do
                  echo "0, NVIDIA A100-SXM4-80GB, 91, 40960, 81920, 61, 301.2"
                  echo "1, NVIDIA A100-SXM4-80GB, [N/A], 0, 81920, 35, [Not Supported]"
                  sleep 0.02
                done
                """);
        GpuWatch watch = GpuWatch.start(() -> SmiSource.open(path, FAST), recorded.finite(), FAST);
        String first = "gpu/NVIDIA_A100-SXM4-80GB:0_";
        String second = "gpu/NVIDIA_A100-SXM4-80GB:1_";
        assertThat(Recorded.until(() -> recorded.of(second + "temperature").size() > 3))
                .isTrue();
        long process = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        watch.close();

        assertThat(recorded.of(first + "utilization")).contains(91.0);
        assertThat(recorded.of(first + "memory")).contains(50.0);
        assertThat(recorded.of(first + "power")).contains(301.2);
        assertThat(recorded.of(second + "utilization")).isEmpty();
        assertThat(recorded.of(second + "power")).isEmpty();
        assertThat(recorded.units()).containsEntry(first + "temperature", "°C").containsEntry(first + "power", "W");
        assertThat(Files.readString(folder.resolve("arguments")))
                .contains("-lms 50")
                .contains("power.draw");
        assertThat(Recorded.until(() -> ProcessHandle.of(process).isEmpty()))
                .as("nvidia-smi is gone")
                .isTrue();
    }

    @Test
    void nvidiaSmi_thatEnds_endsTheWatchQuietly() throws Exception {
        String path = searchPath("echo 0, GPU, 1, 2, 4, 5, 6; exit 9");
        try (GpuWatch watch = GpuWatch.start(() -> SmiSource.open(path, FAST), recorded.finite(), FAST)) {
            assertThat(Recorded.until(watch::isOver)).isTrue();
            assertThat(recorded.of("gpu/GPU:0_memory")).containsExactly(50.0);
        }
    }

    @Test
    void nvidiaSmi_thatHangs_isGivenUpAndKilled() throws Exception {
        String path = searchPath("echo $$ > \"$(dirname \"$0\")/pid\"; exec sleep 600");
        GpuWatch watch = GpuWatch.start(() -> SmiSource.open(path, FAST), recorded.finite(), FAST);
        assertThat(Recorded.until(() -> {
                    watch.check();
                    return watch.isOver();
                }))
                .isTrue();
        long process = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
        assertThat(Recorded.until(() -> ProcessHandle.of(process).isEmpty())).isTrue();
        assertThat(recorded.units()).isEmpty();
        watch.close();
    }

    @Test
    void machine_withoutAnyGpu_endsTheWatch() throws Exception {
        assertThat(NvmlSource.open(List.of("no-such-library"))).isNull();
        assertThat(SmiSource.open(folder.toString(), FAST)).isNull();
        assertThat(SmiSource.open(null, FAST)).isNull();
        try (GpuWatch watch = GpuWatch.start(() -> null, recorded.finite(), FAST)) {
            assertThat(Recorded.until(watch::isOver)).isTrue();
        }
    }

    /** A library with the interface of NVML, made of C here: what is tested is that the calls and structures are understood. */
    @Test
    void nvml_ofALibraryMadeForThis_isUnderstood() throws Exception {
        Path library = compile();
        NvmlSource source = NvmlSource.open(List.of(library.toString()));
        assertThat(source).isNotNull();
        try (source) {
            List<GpuReading> readings = source.read();
            // The second of three devices cannot be opened.
            assertThat(readings).extracting(GpuReading::index).containsExactly(0, 2);
            GpuReading first = readings.get(0);
            assertThat(first).isEqualTo(new GpuReading(0, "NVIDIA Fake 0", 70, 25, 50, 250.5));
            GpuReading last = readings.get(1);
            assertThat(last.name()).isEqualTo("NVIDIA Fake 2");
            assertThat(last.utilization()).as("not supported").isNaN();
            assertThat(last.memory()).isEqualTo(25);
            assertThat(last.power()).as("no permission").isNaN();
            assertThat(last.temperature()).isEqualTo(52);
        }
        assertThat(Files.exists(folder.resolve("down"))).as("shut down").isTrue();
    }

    private Path compile() throws IOException, InterruptedException {
        Path source = folder.resolve("nvml.c");
        Files.writeString(source, """
                #include <stdio.h>
                #include <string.h>
                typedef struct { unsigned int gpu, memory; } rates;
                typedef struct { unsigned long long total, free, used; } bytes;
                static long devices[3] = {0, 1, 2};
                int nvmlInit_v2(void) { return 0; }
                int nvmlShutdown(void) { FILE *f = fopen("DOWN", "w"); if (f) fclose(f); return 0; }
                const char *nvmlErrorString(int code) { return code == 3 ? "Not Supported" : "Other"; }
                int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 3; return 0; }
                int nvmlDeviceGetHandleByIndex_v2(unsigned int i, void **device) {
                  if (i == 1) return 15;
                  *device = &devices[i]; return 0;
                }
                int nvmlDeviceGetName(void *d, char *name, unsigned int length) {
                  snprintf(name, length, "NVIDIA Fake %ld", *(long *) d); return 0;
                }
                int nvmlDeviceGetUtilizationRates(void *d, rates *r) {
                  if (*(long *) d == 2) return 3;
                  r->gpu = 70; r->memory = 11; return 0;
                }
                int nvmlDeviceGetMemoryInfo(void *d, bytes *b) {
                  b->total = 80ULL << 30; b->used = 20ULL << 30; b->free = 60ULL << 30; return 0;
                }
                int nvmlDeviceGetTemperature(void *d, int sensor, unsigned int *t) { *t = 50 + *(long *) d + sensor; return 0; }
                int nvmlDeviceGetPowerUsage(void *d, unsigned int *p) {
                  if (*(long *) d == 2) return 4;
                  *p = 250500; return 0;
                }
                """.replace("DOWN", folder.resolve("down").toString()));
        Path library = folder.resolve("libfakenvml.so");
        try {
            Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString())
                    .inheritIO()
                    .start();
            assumeTrue(compiler.waitFor() == 0, "the C compiler does not make libraries here");
        } catch (IOException absent) {
            assumeTrue(false, "there is no C compiler here");
        }
        return library;
    }
}
