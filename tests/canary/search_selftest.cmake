# What canary_search finds. Usage: cmake -DSEARCH=PROGRAM -DWORK=DIR -P search_selftest.cmake

# expect(RESULT TEXT): what the program ends with, and a part of what it says.
function(expect result text)
  execute_process(COMMAND "${SEARCH}" "${WORK}" OUTPUT_VARIABLE output RESULT_VARIABLE status)
  string(FIND "${output}" "${text}" at)
  if(NOT status EQUAL result OR at EQUAL -1)
    message(SEND_ERROR "expected ${result} and \"${text}\", not ${status} and:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
file(WRITE "${WORK}/1.log" "one\ntwo\n")
expect(1 "markers 0, files 1\ntexts searched 2, hits 0\n")
file(WRITE "${WORK}/1.markers" "nK3uZ0qYw7LtB2xVd9PaRmE4\n")
expect(0 "markers 1, files 1\ntexts searched 2, hits 0\n")

# As it is, reversed, in hex, and in base64 at the beginning and inside of a text.
foreach(planted
    nK3uZ0qYw7LtB2xVd9PaRmE4
    4EmRaP9dVx2BtL7wYq0Zu3Kn
    6e4b33755a30715977374c744232785664395061526d4534
    bkszdVowcVl3N0x0QjJ4VmQ5UGFSbUU0
    eG5LM3VaMHFZdzdMdEIyeFZkOVBhUm1FNHk=)
  file(WRITE "${WORK}/2.log" "three\nbefore ${planted} behind\n")
  expect(1 "2.log: before ${planted} behind\nmarkers 1, files 2\ntexts searched 4, hits 1\n")
endforeach()
file(REMOVE_RECURSE "${WORK}")
