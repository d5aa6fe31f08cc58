/** Dots as the graphics card draws them: their positions and colours, and the program that makes points round. */

export interface DotsView {
  /** From the dots' positions to the screen, column by column. */
  matrix: readonly number[];
  pixelRatio: number;
}

/** Sizes in pixels of the page. */
export interface DotsLook {
  radius: number;
  /** Width of the ring around it; 0 for none. */
  ring: number;
  ringColour: readonly [red: number, green: number, blue: number];
}

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_pixel_ratio, u_radius, u_ring;
layout(location = 0) in vec2 a_position;
layout(location = 1) in vec4 a_colour;
out vec3 v_colour;
void main() {
  v_colour = a_colour.rgb;
  gl_Position = u_matrix * vec4(a_position, 0.0, 1.0);
  gl_PointSize = 2.0 * (u_radius + u_ring + 0.5) * u_pixel_ratio;
}`;
// Half a pixel more than the dot, over which its edge fades.
const FRAGMENT = `#version 300 es
precision highp float;
uniform float u_pixel_ratio, u_radius, u_ring;
uniform vec3 u_ring_colour;
in vec3 v_colour;
out vec4 colour;
void main() {
  float away = length(gl_PointCoord - 0.5) * 2.0 * (u_radius + u_ring + 0.5);
  float ring = u_ring > 0.0 ? clamp((away - u_radius) * u_pixel_ratio + 0.5, 0.0, 1.0) : 0.0;
  float cover = clamp((u_radius + u_ring - away) * u_pixel_ratio + 0.5, 0.0, 1.0);
  colour = vec4(mix(v_colour, u_ring_colour, ring) * cover, cover);
}`;
const POSITION = 0;
const COLOUR = 1;
const NUMBERS_A_POSITION = 2;
const BYTES_A_COLOUR = 4;

export class DotsDrawing {
  private readonly program: WebGLProgram;
  private readonly attributes: WebGLVertexArrayObject;
  private readonly positions: WebGLBuffer;
  private readonly colours: WebGLBuffer;
  private readonly order: WebGLBuffer;
  private count = 0;
  private selectedCount = 0;
  /** Colours told of, that the card does not have yet: many change between two frames. */
  private waiting: { colours: Uint8Array<ArrayBuffer>; selected: ReadonlySet<number> } | null = null;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.program = programOf(gl);
    this.attributes = gl.createVertexArray();
    this.positions = gl.createBuffer();
    this.colours = gl.createBuffer();
    this.order = gl.createBuffer();
    gl.bindVertexArray(this.attributes);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.enableVertexAttribArray(POSITION);
    gl.vertexAttribPointer(POSITION, NUMBERS_A_POSITION, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.colours);
    gl.enableVertexAttribArray(COLOUR);
    gl.vertexAttribPointer(COLOUR, BYTES_A_COLOUR, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.order);
    gl.bindVertexArray(null);
  }

  place(positions: Float32Array<ArrayBuffer>): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.positions);
    gl.bufferData(gl.ARRAY_BUFFER, positions, gl.STATIC_DRAW);
    this.count = positions.length / NUMBERS_A_POSITION;
  }

  /** Colours of all dots, red, green, blue and one more byte each; and which of them are selected. */
  paint(colours: Uint8Array<ArrayBuffer>, selected: ReadonlySet<number>): void {
    this.waiting = { colours, selected };
  }

  draw(view: DotsView, look: DotsLook): void {
    this.begin(view, look);
    this.gl.drawArrays(this.gl.POINTS, 0, this.count);
    this.gl.bindVertexArray(null);
  }

  drawSelected(view: DotsView, look: DotsLook): void {
    if (this.selectedCount === 0) return;
    this.begin(view, look);
    this.gl.drawElements(this.gl.POINTS, this.selectedCount, this.gl.UNSIGNED_INT, 0);
    this.gl.bindVertexArray(null);
  }

  free(): void {
    const { gl } = this;
    gl.deleteProgram(this.program);
    gl.deleteVertexArray(this.attributes);
    for (const buffer of [this.positions, this.colours, this.order]) gl.deleteBuffer(buffer);
  }

  private begin({ matrix, pixelRatio }: DotsView, { radius, ring, ringColour }: DotsLook): void {
    const { gl, program } = this;
    gl.useProgram(program);
    gl.bindVertexArray(this.attributes);
    if (this.waiting) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.colours);
      gl.bufferData(gl.ARRAY_BUFFER, this.waiting.colours, gl.DYNAMIC_DRAW);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(this.waiting.selected), gl.DYNAMIC_DRAW);
      this.selectedCount = this.waiting.selected.size;
      this.waiting = null;
    }
    const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
    gl.uniformMatrix4fv(uniform("u_matrix"), false, matrix);
    gl.uniform1f(uniform("u_pixel_ratio"), pixelRatio);
    gl.uniform1f(uniform("u_radius"), radius);
    gl.uniform1f(uniform("u_ring"), ring);
    gl.uniform3f(uniform("u_ring_colour"), ...ringColour);
  }
}

function programOf(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  const sources = [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const;
  for (const [kind, source] of sources) {
    const shader = gl.createShader(kind);
    if (!shader) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  return program;
}
