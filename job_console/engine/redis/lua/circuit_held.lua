-- Steps that other scripts begin with: which circuit (see circuit.lua) keeps a retry waiting, and that it does so no more.
local CIRCUITS, HELD_BY = 'rq:job_console:circuits', 'rq:job_console:circuit_held:'

-- The name of the circuit that the last failure of this job counts for; '' for none.
local function circuit_of(id)
  local read, said = pcall(cjson.decode, redis.call('GET', 'rq:job_console:tries:' .. id) or '')
  return read and type(said) == 'table' and type(said.circuit) == 'string' and said.circuit or ''
end

local function leave_circuit(id)
  local name = circuit_of(id)
  local text = redis.call('SREM', HELD_BY .. name, id) > 0 and redis.call('HGET', CIRCUITS, name)
  if text then
    local circuit = cjson.decode(text)
    circuit.held = redis.call('SCARD', HELD_BY .. name)
    redis.call('HSET', CIRCUITS, name, cjson.encode(circuit))
  end
end

